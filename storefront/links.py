"""
Links in the seller's texts that lead within the shop: each becomes the address that it means, or a problem at its line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from storefront.fields import Source
from storefront.problems import Problem
from storefront.vocabulary import SECTIONS, suggest

# What a text calls with (line, address as typed): gives the address to put there, None where it leads nowhere.
Follow = Callable[[int, str], str | None]

HOME, ARCHIVE, TERMS, PRIVACY = "", "arsip", "ketentuan", "privasi"
_FIXED = (HOME, ARCHIVE, TERMS, PRIVACY)
# What the order desk answers to everybody, for each campaign.
_DESK = ("pesan", "ingatkan", "daftar-tunggu", "penawaran")
# Pages of single buyers: whoever has such an address may read and change her order.
_SECRET = ("s", "d")


@dataclass(frozen=True)
class Site:
    """Where the two halves are reached: origins without a slash at the end, "" for one and the same."""

    site_url: str = ""
    intake_url: str = ""


@dataclass(frozen=True)
class Stand:
    """
    Where a text stands.

    Attributes:
        folder: that holds its file; links to other files are counted from there.
        page: first segment of its page, "" for home; None for a text of the house that stands on every campaign's.
        alone: it is read on that page only, so a fragment alone stays one. A contract is read elsewhere too.
    """

    folder: Path
    page: str | None
    alone: bool = True


@dataclass(frozen=True)
class Aim:
    """A link to a place within a page: can be looked for once the pages are made. page: as for Stand."""

    file: str
    line: int
    typed: str
    page: str | None
    fragment: str


@dataclass
class Signposts:
    """
    What links can lead to.

    Attributes:
        published: slugs of campaigns; True where an offer can be asked for.
        old: former slugs -> the ones that hold now.
        drafts: slugs -> files of drafts.
        files: absolute paths of files and folders -> the first segment of the page that is made of them.
        aims: gathers what is to be looked for later.
    """

    site: Site
    published: Mapping[str, bool]
    old: Mapping[str, str]
    drafts: Mapping[str, str]
    files: Mapping[str, str]
    aims: list[Aim] = field(default_factory=list)

    def follow(self, source: Source, stand: Stand, *, draft: bool = False) -> Follow:
        """Give what leads the links of a text; problems go to its source. draft: it may lead to other drafts."""

        def lead(line: int, typed: str) -> str | None:
            parts = urlsplit(typed)
            path, fragment = unquote(parts.path), unquote(parts.fragment)
            if not path:
                if not fragment:
                    source.report(line, "empty_link")
                    return None
                return self._to_place(Aim(source.file, line, typed, stand.page, fragment), stand, draft=draft)
            candidates = list(dict.fromkeys(self._candidates(path, stand)))
            found = next((page for page in candidates if self._is_page(page, draft=draft)), None)
            if found is None:
                desk = next((page for page in candidates if self._is_desk(page)), None)
                if desk is not None:
                    return f"{self.site.intake_url}/{desk}" + (f"#{fragment}" if fragment else "")
                self._refuse(source, line, typed, candidates, fragment)
                return None
            page = self.old.get(found, found)
            if not fragment:
                return self._address(page)
            return self._to_place(Aim(source.file, line, typed, page, fragment), None, draft=draft)

        return lead

    def _candidates(self, path: str, stand: Stand) -> Iterator[str]:
        """Give the pages that a path may mean, as first segments or as two of the desk's, the likeliest first."""
        if not path.startswith("/"):
            file = whole_path(stand.folder / path)
            if file in self.files:
                yield self.files[file]
            elsewhere = f"/{stand.page}/" if stand.page else "/"
            yield _segments(urljoin(elsewhere, path))
        yield _segments(urljoin("/", path.lstrip("/") if path.startswith("/") else path))

    def _is_page(self, page: str, *, draft: bool) -> bool:
        return page in _FIXED or page in self.published or page in self.old or (draft and page in self.drafts)

    def _is_desk(self, page: str) -> bool:
        kind, _, slug = page.partition("/")
        now = self.old.get(slug, slug)
        return kind in _DESK and now in self.published and (kind != "penawaran" or self.published[now])

    def _to_place(self, aim: Aim, stand: Stand | None, *, draft: bool) -> str:
        """Give the address of a place, and remember to look for it. stand: of a fragment alone."""
        fragment = _place(aim.page, aim.fragment)
        known = Aim(aim.file, aim.line, aim.typed, aim.page, fragment)
        if not draft and known not in self.aims:
            self.aims.append(known)
        if stand is not None and (stand.alone or stand.page is None):
            return f"#{fragment}"
        return f"{self._address(aim.page or HOME)}#{fragment}"

    def _address(self, page: str) -> str:
        return f"{self.site.site_url}/{page}/" if page else f"{self.site.site_url}/"

    def _refuse(self, source: Source, line: int, typed: str, candidates: list[str], fragment: str) -> None:
        if any(page.split("/")[0] in _SECRET for page in candidates):
            source.report(line, "link_secret", text=typed)
            return
        for page in candidates:
            if page in self.drafts:
                source.report(line, "link_to_draft", text=typed, other=self.drafts[page])
                return
        pages = [page for page in (*self.published, *_FIXED) if page]
        # Of a path of several segments, the one that a slip of the finger is most likely in.
        words = [word for page in candidates for word in (page, page.split("/")[-1], page.split("/")[0])]
        likely = next((near for word in words if word and (near := suggest(word, pages))), None)
        if likely is None:
            source.report(line, "link_nowhere", text=typed)
            return
        kind = candidates[-1].split("/")[0]
        ordering = f"{kind}/{likely}"
        shown = f"/{ordering}" if kind in _DESK and self._is_desk(ordering) else f"/{likely}/"
        if fragment:
            shown += f"#{fragment}"
        source.report(line, "link_nowhere_suggested", text=typed, suggestion=shown)


def whole_path(path: Path) -> str:
    """Give a path as the files of Signposts are listed."""
    return os.path.normpath(path.absolute())


def missing_places(aims: Iterable[Aim], slugs: Iterable[str], files: Mapping[str, bytes | Path]) -> tuple[Problem, ...]:
    """
    Give a problem for each link to a place that its page does not have.

    Args:
        slugs: of the campaigns, on whose pages the texts of the house stand.
        files: of the rendered site.
    """
    ids: dict[str, list[str]] = {}
    pages = tuple(slugs)

    def ids_of(page: str) -> list[str]:
        if page not in ids:
            made = files.get(f"{page}/index.html" if page else "index.html", b"")
            ids[page] = _ids(made.decode() if isinstance(made, bytes) else "")
        return ids[page]

    problems = []
    for aim in aims:
        for page in pages if aim.page is None else (aim.page,):
            if aim.fragment in ids_of(page):
                continue
            address = f"/{page}/" if page else "/"
            fields = {"text": aim.typed, "page": address}
            if likely := suggest(aim.fragment, ids_of(page)):
                fields["suggestion"] = f"#{likely}" if aim.typed.startswith("#") else f"{address}#{likely}"
            elif page == TERMS and pages and _section(aim.fragment):
                # The page of all contracts has no parts of its own; each campaign's has.
                fields["suggestion"] = f"/{pages[0]}/#{aim.fragment}"
            code = "no_such_place_suggested" if "suggestion" in fields else "no_such_place"
            problems.append(Problem(aim.file, aim.line, code, fields))
            break
    return tuple(problems)


def _place(page: str | None, fragment: str) -> str:
    """Give the id that a fragment means: a part of a campaign's page may be called by its Indonesian name."""
    return fragment if page is not None and page in _FIXED else _section(fragment) or fragment


def _section(fragment: str) -> str | None:
    return next((name for name, word in SECTIONS.items() if fragment.casefold() in word.spellings()), None)


def _segments(path: str) -> str:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if parts and parts[-1] in {"index.html", "index.htm"}:
        parts.pop()
    return "/".join(parts)


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the id of a tag."""
        self.found += [value for name, value in attrs if name == "id" and value]


def _ids(text: str) -> list[str]:
    if not re.search(r"\bid=", text):
        return []
    parser = _Ids()
    parser.feed(text)
    return parser.found
