"""A content folder, file by file: which files belong to it, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from storefront import frontmatter, links, markdown
from storefront.album import Album
from storefront.campaigns import KEYS as CAMPAIGN_KEYS
from storefront.campaigns import Reading, read_campaign
from storefront.fields import Block, Source
from storefront.frontmatter import Document, Entries
from storefront.links import Signposts, Site, Stand
from storefront.markdown import Setting
from storefront.origin import Origin, Part, Passage
from storefront.photos import Darkroom
from storefront.pictures import picture
from storefront.problems import Problem
from storefront.scaffold import leftovers
from storefront.shop import KEYS as SHOP_KEYS
from storefront.shop import House, read_shop
from storefront.terms import BLOCKS, Terms
from storefront.updates import Update, anchors, newest_first, read_heading
from storefront.vocabulary import FILES, KEYS, suggest

_NO_ORIGIN = Origin("", Entries((), 1))
_PROSE = ("terms", "faq", "cancellation")
# Which of them make the contract.
_CONTRACT = ("terms", "cancellation")
# What comes out differently for each campaign whose contract it is a part of: a link to a part of its page, and a
# footnote, for all contracts stand on one page.
_DEPENDENT = re.compile(r"(?:\]\(|\]:)\s*<?#|\[\^")

Speak = Callable[[str], Callable[[str], str]]
_ENGLISH_ONLY = {word.english for word in KEYS.values()} - {word.indonesian for word in KEYS.values()}
_INDONESIAN_ONLY = {word.indonesian for word in KEYS.values()} - {word.english for word in KEYS.values()}


@dataclass(frozen=True)
class Prose:
    """
    What a folder says in words, as HTML; empty where it says nothing.

    Attributes:
        faq: (question, answer as HTML).
        passages: the same as it was typed.
    """

    terms: str = ""
    cancellation: str = ""
    faq: tuple[tuple[str, str], ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def dependent(self) -> bool:
        """Say whether the contract's part of it comes out differently for each campaign."""
        return any(_DEPENDENT.search(passage.text) for passage in self.passages if passage.part in _CONTRACT)


@dataclass
class Found:
    """A campaign's file, read."""

    path: Path
    source: Source
    document: Document | None = None
    reading: Reading | None = None
    description_html: str = ""
    prose: Prose = field(default_factory=Prose)
    photos: dict[str, Path] = field(default_factory=dict)
    origin: Origin = _NO_ORIGIN
    remarks: list[Problem] = field(default_factory=list)
    passages: tuple[Passage, ...] = ()
    updates: tuple[Update, ...] = ()

    @property
    def draft(self) -> bool:
        """Say whether she keeps it off the site."""
        return self.reading is not None and self.reading.draft

    @property
    def slug(self) -> str:
        """Give its address; "" where none could be read."""
        return self.reading.names["slug"][0] if self.reading else ""

    @property
    def asks_for_offers(self) -> bool:
        """Say whether buyers may ask for an offer."""
        campaign = self.reading.campaign if self.reading else None
        return campaign is not None and campaign.quotation_from is not None

    @property
    def has_folder(self) -> bool:
        """Say whether it may have texts of its own beside it."""
        return self.path.name == FILES["index"].english


class Folder:
    """A content folder being read; problems gathers those of the files that belong to no campaign."""

    def __init__(self, content: Path, darkroom: Darkroom, photos: dict[str, Path], speak: Speak) -> None:
        self.content = content
        self.speak = speak
        self.darkroom = darkroom
        self.photos = photos
        self.problems: list[Problem] = []
        self.signposts = Signposts(Site(), {}, {}, {}, {})
        self.gettext: Callable[[str], str] = str
        self.zone = "WIB"
        self.html = False
        self.remarks: list[Problem] = []

    def shop(self) -> tuple[House, Document | None, Origin]:
        """Read the header of shop.md: the house, the file apart, and as typed."""
        nothing = House(None, Terms(stated=frozenset(BLOCKS)), "id", "WIB")
        path = self._one_of(self.content, "shop", self.problems)
        if path is None:
            shown = (self.content / FILES["shop"].english).as_posix()
            self.problems.append(Problem(shown, None, "no_shop"))
            return nothing, None, Origin(shown, Entries((), 1))
        source = Source(path.as_posix(), problems=self.problems)
        document = read_document(path, source)
        if document is None:
            return nothing, None, Origin(source.file, Entries((), 1))
        house = read_shop(Block(document.header, SHOP_KEYS, source), Album(self.content, self.darkroom, self.photos))
        return house, document, Origin(source.file, document.header, source.english)

    def words_about(self, document: Document | None, origin: Origin) -> tuple[str, tuple[Passage, ...]]:
        """Give the text of shop.md as HTML, and as typed."""
        if document is None:
            return "", ()
        source = Source(origin.file, problems=self.problems)
        follow = self.signposts.follow(source, Stand(self.content, links.HOME))
        html = self._taking_out(source.file, self.remarks)
        photo = self._showing(self.content, self.photos, source.report)
        setting = Setting(
            top=3, anchors=True, follow=follow, name="about", gettext=self.gettext, photo=photo, html=html
        )
        about = markdown.to_html(document.body, source.report, document.body_line, setting)
        return about, _passage_of(document, source, Part.ABOUT)

    def _showing(
        self, folder: Path, photos: dict[str, Path], report: markdown.Report
    ) -> Callable[[int, str, str], str | None]:
        """Give what makes HTML of the pictures in a text: photos of its folder, gathered in photos."""
        album = Album(folder, self.darkroom, photos)

        def show(line: int, address: str, alt: str) -> str | None:
            if ":" in address or address.startswith("//"):
                report(line, "picture_elsewhere", text=address)
                return None
            if not alt:
                report(line, "picture_without_alt", text=address)
                return None
            photo = album.named(unquote(address), alt, partial(report, line))
            return picture(photo, self.signposts.site.site_url) if photo else None

        return show

    def _taking_out(self, file: str, remarks: list[Problem]) -> markdown.Report | None:
        """Give what is told of HTML; None where the shop allows none."""
        return Source(file, problems=remarks).report if self.html else None

    def prose(self, folder: Path, problems: list[Problem], remarks: list[Problem], item: Found | None) -> Prose:
        """
        Read terms, FAQ and cancellation words of a folder, and say which other Markdown in it we don't know.

        Args:
            item: the campaign on whose page they stand; None where that is every campaign's.
        """
        texts = {name: self._text(self._one_of(folder, name, problems), problems) for name in _PROSE}
        self._report_unknown(folder, problems)
        page, draft = (item.slug, item.draft) if item else (None, False)

        # Those of the house and of the campaign stand beside each other.
        whose = "house" if folder == self.content else "own"
        campaign = item.reading.names["id"][0] if item and item.reading else ""

        def setting(file: str, top: int, name: str, *, alone: bool) -> tuple[Source, Setting]:
            source = Source(file, problems=problems)
            follow = self.signposts.follow(source, Stand(folder, page, alone), draft=draft)
            html = self._taking_out(file, remarks)
            return source, Setting(top=top, follow=follow, name=f"{whose}-{name}", gettext=self.gettext, html=html)

        faq: list[tuple[str, str]] = []
        if texts["faq"]:
            shown, text = texts["faq"]
            source, answers = setting(shown, 4, "faq", alone=True)
            for number, (question, answer, line) in enumerate(markdown.split_questions(text, source.report), 1):
                one = replace(answers, name=f"{answers.name}-{number}")
                faq.append((question, markdown.to_html(answer, source.report, line, one)))
        contract: dict[str, str] = {}
        for name in _CONTRACT:
            if found := texts[name]:
                source, clauses = setting(found[0], 3, f"{name}-{campaign}", alone=False)
                contract[name] = markdown.to_html(found[1], source.report, 1, clauses)
        return Prose(
            **contract,
            faq=tuple(faq),
            passages=tuple(
                Passage(found[0], 1, found[1], Part(name)) for name in _PROSE if (found := texts[name]) is not None
            ),
        )

    def _report_unknown(self, folder: Path, problems: list[Problem]) -> None:
        """Report Markdown that we don't know."""
        at_home = folder == self.content
        others = ("shop",) if at_home else ("index", "updates")
        known = {spelling for name in (*_PROSE, *others) for spelling in FILES[name].spellings()}
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() == ".md" and path.name not in known and not _is_private(path):
                likely = suggest(path.name, known)
                code = "unknown_file_suggested" if likely else "unknown_file"
                problems.append(Problem(path.as_posix(), None, code, {"suggestion": likely}))

    def campaign_files(self) -> Iterator[tuple[Path, str]]:
        """Give each campaign's file with the address that its place gives it, in the order of their names."""
        folder = self._one_of(self.content, "campaigns", self.problems)
        if folder is None or not folder.is_dir():
            return
        index = FILES["index"].english
        for path in sorted(folder.iterdir()):
            if _is_private(path):
                continue
            if path.is_dir():
                if (path / index).is_file():
                    yield path / index, path.name
                elif any(found.suffix.lower() == ".md" for found in path.iterdir()):
                    # A folder of pictures beside campaigns of one file each is no campaign.
                    self.problems.append(Problem((path / index).as_posix(), None, "no_index"))
            elif path.suffix.lower() == ".md":
                yield path, path.stem

    def campaign(self, path: Path, slug: str, house: House) -> Found:
        """Read a campaign's header."""
        source = Source(path.as_posix())
        found = Found(path, source)
        found.document = read_document(path, source)
        if found.document is None:
            return found
        album = Album(path.parent, self.darkroom, found.photos)
        block = Block(found.document.header, CAMPAIGN_KEYS, source)
        found.reading = read_campaign(block, slug, album, house.terms, house.zone)
        found.origin = Origin(source.file, found.document.header, source.english)
        scaffolded = Source(source.file, problems=found.remarks)
        if not found.draft:
            leftovers(path.read_text("utf-8", errors="replace"), map(self.speak, ("id", "en")), scaffolded.report)
        return found

    def words_of(self, found: Found) -> None:
        """Read a campaign's texts."""
        if found.document is None:
            return
        source, document, folder = found.source, found.document, found.path.parent
        follow = self.signposts.follow(source, Stand(folder, found.slug), draft=found.draft)
        html = self._taking_out(source.file, found.remarks)
        photo = self._showing(folder, found.photos, source.report)
        setting = Setting(top=3, anchors=True, follow=follow, name="text", gettext=self.gettext, photo=photo, html=html)
        found.description_html = markdown.to_html(document.body, source.report, document.body_line, setting)
        if found.has_folder and folder.parent != self.content:
            found.prose = self.prose(folder, source.problems, found.remarks, found)
            self._read_updates(found)
        described = _passage_of(document, source, Part.DESCRIPTION)
        found.passages = (*found.origin.passages(), *described, *found.prose.passages, *found.passages)

    def _read_updates(self, found: Found) -> None:
        """Read the news beside a campaign's file."""
        folder, problems = found.path.parent, found.source.problems
        there = self._text(self._one_of(folder, "updates", problems), problems)
        if there is None:
            return
        source = Source(there[0], problems=problems)
        follow = self.signposts.follow(source, Stand(folder, found.slug), draft=found.draft)
        dated = []
        for heading, text, line in markdown.split_sections(there[1], source.report, 1, "text_before_update"):
            if read := read_heading(heading, self.zone, source.report, line - 1):
                dated.append((read, text, line))
        names = anchors((at, title) for (at, _, title), _, _ in dated)
        updates = []
        for anchor, ((at, timed, title), text, line) in zip(names, dated, strict=True):
            html = self._taking_out(source.file, found.remarks)
            setting = Setting(top=4, follow=follow, name=anchor, gettext=self.gettext, html=html)
            told = markdown.to_html(text, source.report, line, setting)
            updates.append(Update(at, timed, title, told, anchor, source.file, line - 1))
        found.updates = newest_first(updates)
        found.passages = (Passage(source.file, 1, there[1], Part.UPDATES),)

    def _one_of(self, folder: Path, name: str, problems: list[Problem]) -> Path | None:
        """Give the file or folder of this name under either spelling; both at once is a problem."""
        there = [folder / spelling for spelling in FILES[name].spellings() if (folder / spelling).exists()]
        if len(there) > 1 and not there[0].samefile(there[1]):
            problems.append(Problem(there[1].as_posix(), None, "both_files", {"other": there[0].as_posix()}))
        return there[0] if there else None

    def _text(self, path: Path | None, problems: list[Problem]) -> tuple[str, str] | None:
        """Give path and text of a file that has no header."""
        if path is None:
            return None
        source = Source(path.as_posix(), problems=problems)
        text = _decoded(path, source)
        if text is None:
            return None
        if re.match(r"\s*---[ \t]*\n", text):
            source.report(text[: text.index("---")].count("\n") + 1, "unexpected_header")
            return None
        return source.file, text


def _is_private(path: Path) -> bool:
    """Say whether a file is none of ours: hidden, put aside with an underscore, or a note on the folder."""
    return path.name.startswith((".", "_")) or path.name.lower() == "readme.md"


def _decoded(path: Path, source: Source) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        code = "unreadable_folder" if isinstance(error, IsADirectoryError) else "unreadable"
        source.report(None, code, text=path.name)
        return None
    return frontmatter.decode(data, source.report)


def read_document(path: Path, source: Source) -> frontmatter.Document | None:
    """Give a file with a header; None where it can't be read, which has been reported."""
    text = _decoded(path, source)
    document = frontmatter.split(text, source.report) if text is not None else None
    if document is not None:
        keys = {key.text for key, _ in document.header.entries}
        source.english = len(keys & _ENGLISH_ONLY) > len(keys & _INDONESIAN_ONLY)
    return document


def _passage_of(document: Document, source: Source, part: Part) -> tuple[Passage, ...]:
    return (Passage(source.file, document.body_line, document.body, part),) if document.body.strip() else ()
