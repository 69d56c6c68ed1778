"""build(): read -> check -> render -> write. Nothing is written before everything is rendered."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storefront import inputs

if TYPE_CHECKING:
    from preorder.catalogue import Catalogue
    from storefront.pages import Site as Rendered
    from storefront.problems import Problem
    from storefront.reader import Content

CODE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Job:
    """
    What to build from, and where to.

    Attributes:
        content, output, templates: folders.
        site_url, intake_url: origins without a slash at the end, "" for one and the same.
    """

    content: Path
    output: Path
    templates: Path
    site_url: str = ""
    intake_url: str = ""

    @property
    def cache(self) -> Path:
        """Give the folder of what need not be made again. Beside the content; never published."""
        return self.content.absolute().parent / ".cache"

    @property
    def own_cache(self) -> Path:
        """Give the folder of what we know about this output folder."""
        place = hashlib.sha256(os.fspath(self.output.resolve()).encode()).hexdigest()[:12]
        return self.cache / "sites" / place

    @property
    def roots(self) -> tuple[Path, ...]:
        """Give the folders that the site is made of: words, looks, and the code that joins them."""
        return (self.content.absolute(), self.templates.absolute(), CODE, CODE.parent / "preorder")

    @property
    def settings(self) -> dict[str, str]:
        """Give what else decides about the result."""
        return {
            "content": os.fspath(self.content.absolute()),
            "output": os.fspath(self.output.absolute()),
            "site_url": self.site_url,
            "intake_url": self.intake_url,
            "python": sys.version,
        }


@dataclass(frozen=True)
class Outcome:
    """
    What a build did.

    Attributes:
        changed, removed: paths below the output folder.
        unchanged: how many files stayed as they were.
        nothing_to_do: the last build still holds, so nothing was even read.
        valid_until: when a page will say something else although nothing is edited; None where never or not known.
        warnings: problems of drafts, and findings of the linter that forbid nothing.
        drafts: their files.
        language: the shop's.
        draft_pages: what the site would hold otherwise with its drafts, where that was asked for; written nowhere.
    """

    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    nothing_to_do: bool = False
    valid_until: datetime | None = None
    warnings: tuple[Problem, ...] = ()
    drafts: tuple[str, ...] = ()
    language: str = "id"
    draft_pages: Mapping[str, bytes | Path] = field(default_factory=dict)


def build(job: Job, now: datetime, *, check_only: bool = False, show_drafts: bool = False) -> Outcome:
    """
    Build the site, or only check that it could be built. show_drafts: give the pages of its drafts too, for the preview.

    Raises:
        ContentErrors: the content is wrong; the site stays as it was.
        OutputRefused: it can't be written there; likewise.
    """
    record_file = job.own_cache / "inputs.json"
    record = inputs.read_record(record_file)
    # Warnings are said again each time, so a build that had some has left no record.
    asks_more = check_only or show_drafts
    if record is not None and not asks_more and record.still_holds(job.settings, job.roots, now):
        return Outcome(
            unchanged=len(record.outputs), nothing_to_do=True, valid_until=record.valid_until, language=record.language
        )

    # Imported here, for a build with nothing to do needs none of it.
    from filelock import FileLock

    from storefront.output import check_place, write_site
    from storefront.pages import next_change, render

    check_place(job.output, (job.content, job.templates, *_code_folders()))
    job.own_cache.mkdir(parents=True, exist_ok=True)
    # Two builds at once would hand out one revision twice.
    with FileLock(job.own_cache / "build.lock"):
        read_at_ns = time.time_ns()
        stamps = inputs.take_stamps(job.roots)
        published = _published(job.output)
        content, warnings = _judged(job, now, published)
        site = render(
            content, now, published, templates=job.templates, site_url=job.site_url, intake_url=job.intake_url
        )
        _check_places(content, site, warnings)
        to_come = [update for item in content.campaigns for update in item.updates if update.at > now]
        until = min(filter(None, (next_change(site.catalogue, now), *(update.at for update in to_come))), default=None)
        language = content.shop.language
        if check_only:
            return Outcome(valid_until=until, warnings=warnings, drafts=content.drafts, language=language)
        written = write_site(job.output, site.files, job.own_cache / "manifest.json", adopt=published is not None)
        if not warnings:
            outputs = {os.fspath(path): _stat(path) for path in (job.output.absolute() / name for name in site.files)}
            inputs.write_record(
                record_file, inputs.Record(job.settings, read_at_ns, stamps, outputs, language, now, until)
            )
        drafted = _draft_pages(job, content, site, now) if show_drafts else {}
    return Outcome(
        written.changed, written.removed, written.unchanged, False, until, warnings, content.drafts, language, drafted
    )  # fmt: skip


def _draft_pages(job: Job, content: Content, site: Rendered, now: datetime) -> Mapping[str, bytes | Path]:
    """Give the files that would be otherwise if the drafts that could be published were."""
    from storefront.pages import CATALOGUE, render

    taken = {item.campaign.slug for item in content.campaigns}
    drafts = [item for item in content.whole_drafts if item.campaign.slug not in taken]
    if not drafts:
        return {}
    everything = replace(
        content,
        campaigns=(*content.campaigns, *drafts),
        photos={**content.photos, **content.draft_photos},
    )
    drafted = render(
        everything, now, site.catalogue, templates=job.templates, site_url=job.site_url, intake_url=job.intake_url,
        drafts=frozenset(item.campaign.slug for item in drafts),
    )  # fmt: skip
    return {path: made for path, made in drafted.files.items() if path != CATALOGUE and site.files.get(path) != made}


def _judged(job: Job, now: datetime, published: Catalogue | None) -> tuple[Content, tuple[Problem, ...]]:
    """
    Read the content and look at what it says.

    Returns:
        The content and all that is to be told without keeping it from being published.

    Raises:
        ContentErrors: it can't be read, or says something that is forbidden or can't be.
    """
    from storefront import linting
    from storefront.language import translations
    from storefront.links import Site
    from storefront.moves import find_lost
    from storefront.problems import ContentErrors, Problem, in_order
    from storefront.reader import read_catalogue

    try:
        content = read_catalogue(
            job.content, job.cache / "photos", Site(job.site_url, job.intake_url),
            lambda language: translations(job.templates, language).gettext,
        )  # fmt: skip
    except ContentErrors as unread:
        findings = linting.lint_words(unread.passages)
        raise ContentErrors(
            problems=in_order([*unread.problems, *filter(linting.is_error, findings)]),
            warnings=tuple(finding for finding in findings if not linting.is_error(finding)),
            language=unread.language,
        ) from unread
    zone = content.shop.zone
    known = None if published is None else frozenset(campaign.id for campaign in published.campaigns)
    findings = linting.lint(content, now, known)
    errors = tuple(filter(linting.is_error, findings))
    warnings = tuple(finding for finding in findings if not linting.is_error(finding))
    if errors:
        raise ContentErrors(problems=errors, warnings=warnings, language=content.shop.language)
    of_drafts = [finding for draft in content.whole_drafts for finding in linting.lint_draft(draft, content, now)]
    # A draft shares the shop's file with what is published; what is said of that already is not said again.
    fresh = [finding for finding in of_drafts if finding not in warnings]
    # A year too far ahead would hide it for good, so it is said of each.
    hidden = [
        Problem(update.file, update.line, "update_to_come", {"text": update.title, "opens": update.at, "zone": zone})
        for item in content.campaigns
        for update in item.updates
        if update.at > now
    ]
    return content, in_order([*content.warnings, *warnings, *find_lost(content, published), *fresh, *hidden])


def _check_places(content: Content, site: Rendered, warnings: tuple[Problem, ...]) -> None:
    """
    Look for the places within pages that texts link to.

    Raises:
        ContentErrors: some are missing.
    """
    from storefront.links import missing_places
    from storefront.problems import ContentErrors, in_order

    slugs = [campaign.slug for campaign in site.catalogue.campaigns]
    if missing := missing_places(content.aims, slugs, site.files):
        raise ContentErrors(problems=in_order(missing), warnings=warnings, language=content.shop.language)


def _code_folders() -> tuple[Path, ...]:
    return tuple(CODE.parent / name for name in ("preorder", "storefront", "intake", "templates", "tests", "docs"))


def _stat(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _published(output: Path) -> Catalogue | None:
    """Give the catalogue that is there, None where there is none of ours."""
    import json

    from preorder.catalogue import CatalogueError, from_json
    from storefront.pages import CATALOGUE

    try:
        return from_json(json.loads((output / CATALOGUE).read_bytes()))
    except (OSError, ValueError, CatalogueError):
        # Missing, or of a format that we don't know: the next revision is made of the clock.
        return None
