"""read_catalogue(): the content folder becomes a shop with campaigns, or every problem of every file at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from preorder.campaign import Campaign
from preorder.salutation import Salutation
from preorder.shop import Shop
from storefront import frontmatter, links
from storefront.fields import Block, Source
from storefront.folder import Folder, Found, Prose, Speak, read_document
from storefront.links import Aim, Signposts, Site
from storefront.origin import Origin, Passage
from storefront.photos import Darkroom
from storefront.problems import ContentErrors, Problem, in_order
from storefront.updates import Update
from storefront.vocabulary import FILES, KEYS


@dataclass(frozen=True)
class CampaignContent:
    """
    A campaign with what its page shows.

    Attributes:
        campaign: its contract's text is still empty: it is made of the policy, and terms_html and cancellation_html.
        faq: its own questions first, then the house's.
        terms_html, cancellation_html: the seller's own words, the house's first.
        origin: its file.
        passages: its own words as they were typed, without the house's.
        updates: news of it, newest first, also those that are not to be shown yet.
    """

    campaign: Campaign
    description_html: str
    faq: tuple[tuple[str, str], ...]
    terms_html: str
    cancellation_html: str
    origin: Origin
    passages: tuple[Passage, ...] = ()
    updates: tuple[Update, ...] = ()


@dataclass(frozen=True)
class Content:
    """
    All that is to be published.

    Attributes:
        campaigns: in the order of the home page.
        about_html: the body of shop.md.
        photos: path below the site's root -> file that holds it.
        origin: shop.md.
        passages: the words of the house, as they were typed.
        warnings: problems of drafts, which don't keep the rest from being published.
        drafts: their files.
        whole_drafts: those that could be published as they are.
        draft_photos: those of whole_drafts, as photos.
        draft_ids: ids of all drafts, as far as they could be read.
        aims: links to places within pages, to be looked for once those are made.
    """

    shop: Shop
    about_html: str
    campaigns: tuple[CampaignContent, ...]
    photos: Mapping[str, Path]
    origin: Origin
    passages: tuple[Passage, ...] = ()
    warnings: tuple[Problem, ...] = ()
    drafts: tuple[str, ...] = ()
    whole_drafts: tuple[CampaignContent, ...] = ()
    aims: tuple[Aim, ...] = ()
    draft_photos: Mapping[str, Path] = field(default_factory=dict)
    draft_ids: frozenset[str] = frozenset()


def read_catalogue(content: Path, cache: Path, site: Site | None = None, speak: Speak = lambda _: str) -> Content:
    """
    Read a content folder.

    1. The headers, the shop's first: campaigns take what they don't set themselves from it.
    2. The texts, which may link to every page that those make.

    Args:
        content: the folder with shop.md.
        cache: where prepared photos are kept.
        site: where links of the texts lead.
        speak: gives gettext of a language, for what we say in the texts.

    Raises:
        ContentErrors: with every problem of every file.
    """
    if not content.is_dir():
        raise ContentErrors(problems=(Problem(content.as_posix(), None, "no_content"),), language="id")
    photos: dict[str, Path] = {}
    folder = Folder(content, Darkroom(cache), photos, speak)
    house, document, origin = folder.shop()
    found = [folder.campaign(path, slug, house) for path, slug in folder.campaign_files()]
    _check_names(found)
    folder.signposts = _signposts(content, found, site or Site())
    folder.gettext, folder.zone, folder.html = speak(house.language), house.zone, house.html
    about, words = folder.words_about(document, origin)
    for item in found:
        folder.words_of(item)
    prose = folder.prose(content, folder.problems, folder.remarks, None)
    words = (*origin.passages(), *words, *prose.passages)
    warnings = [problem for item in found for problem in ((item.source.problems if item.draft else []) + item.remarks)]
    warnings += folder.remarks
    problems = [problem for item in found if not item.draft for problem in item.source.problems] + folder.problems
    if problems or house.shop is None:
        # What they say in words can be judged all the same, so that nothing has to wait for the next run.
        said = tuple(passage for item in found if not item.draft for passage in item.passages)
        raise ContentErrors(problems=in_order(problems), language=house.language, passages=(*words, *said))
    published = [item for item in sorted(found, key=lambda item: item.source.file) if not item.draft]
    for item in published:
        photos.update(item.photos)

    def whole(item: Found) -> CampaignContent:
        return _with_house(item, folder.prose(content, [], [], item) if prose.dependent else prose)

    return Content(
        shop=house.shop,
        about_html=about,
        campaigns=tuple(whole(item) for item in sorted(published, key=_place)),
        photos=photos,
        origin=origin,
        passages=words,
        warnings=in_order(warnings),
        drafts=tuple(item.source.file for item in found if item.draft),
        whole_drafts=tuple(whole(item) for item in found if item.draft and item.reading and item.reading.campaign),
        aims=tuple(folder.signposts.aims),
        draft_photos={path: file for item in found if item.draft for path, file in item.photos.items()},
        draft_ids=frozenset(item.reading.names["id"][0] for item in found if item.draft and item.reading),
    )


def _signposts(content: Path, found: Sequence[Found], site: Site) -> Signposts:
    """Give what the texts can link to."""
    files = {links.whole_path(content / file): links.HOME for file in FILES["shop"].spellings()}
    files |= {links.whole_path(content / file): links.TERMS for file in FILES["terms"].spellings()}
    for item in found:
        if item.slug:
            files[links.whole_path(item.path)] = item.slug
            if item.has_folder:
                files[links.whole_path(item.path.parent)] = item.slug
    return Signposts(
        site=site,
        published={item.slug: item.asks_for_offers for item in found if item.slug and not item.draft},
        old={
            former: item.slug
            for item in found
            if item.slug and not item.draft and item.reading
            for former, _ in item.reading.former
        },
        drafts={item.slug: item.source.file for item in found if item.slug and item.draft},
        files=files,
    )


def shop_language(content: Path) -> str:
    """Give the language of a content folder as far as it can be read, else Indonesian."""
    return _shop_choice(content, "language") or "id"


def shop_salutation(content: Path) -> Salutation:
    """Give what the shop of a content folder calls its buyers as far as it can be read, else Kakak."""
    return Salutation(_shop_choice(content, "salutation") or Salutation.KAKAK)


def _shop_choice(content: Path, name: str) -> str | None:
    """Give the choice of a key of shop.md, None where there is none or the file can't be read."""
    for file in FILES["shop"].spellings():
        source = Source(file)
        document = read_document(content / file, source) if (content / file).is_file() else None
        if document is not None:
            entries = tuple(
                (key, value) for key, value in document.header.entries if key.text in KEYS[name].spellings()
            )
            return Block(frontmatter.Entries(entries, 1), (name,), source).choice(name, name)
    return None


def _check_names(found: Sequence[Found]) -> None:
    """
    Report ids, addresses and prefixes that two campaigns share, at the later one; a draft gives way to what is
    published.
    """
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for item in sorted(found, key=lambda item: item.draft):
        for name, (value, line) in (item.reading.names if item.reading else {}).items():
            if not value:
                continue
            if first := seen.get((name, value)):
                item.source.report(
                    line, f"{name}_taken", key=item.source.word(name), text=value, other=f"{first[0]}:{first[1]}"
                )
            else:
                seen[name, value] = (item.source.file, line)
    for item in sorted(found, key=lambda item: item.draft):
        for former, line in item.reading.former if item.reading else ():
            first = seen.setdefault(("slug", former), (item.source.file, line))
            # That it is its own present one has been said where it was read.
            if first[0] != item.source.file:
                item.source.report(
                    line,
                    "former_taken",
                    key=item.source.word("former_slugs"),
                    text=former,
                    other=f"{first[0]}:{first[1]}",
                )


def _place(item: Found) -> tuple[bool, int, str]:
    """Give the sort key of the home page: the seller's order first, then by address."""
    assert item.reading is not None
    order = item.reading.order
    return order is None, order or 0, item.reading.names["slug"][0]


def _with_house(item: Found, house: Prose) -> CampaignContent:
    assert item.reading is not None
    assert item.reading.campaign is not None  # a problem would have been reported
    return CampaignContent(
        campaign=item.reading.campaign,
        description_html=item.description_html,
        faq=item.prose.faq + house.faq,
        terms_html="\n".join(filter(None, (house.terms, item.prose.terms))),
        cancellation_html="\n".join(filter(None, (house.cancellation, item.prose.cancellation))),
        origin=item.origin,
        passages=item.passages,
        updates=item.updates,
    )
