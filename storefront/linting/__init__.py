"""The linter: what law and sense forbid, or miss, in content that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from storefront.linting.alts import find_alts
from storefront.linting.answers import find_answers
from storefront.linting.clauses import find_clauses
from storefront.linting.contract import find_missing_in_campaign, find_missing_in_shop, find_missing_in_words
from storefront.linting.deadlines import find_deadlines
from storefront.linting.dealings import COPIES, DEALINGS
from storefront.linting.early import find_early
from storefront.linting.numbers import Places, find_numbers
from storefront.linting.reading import Sentence, sentences
from storefront.linting.rules import RULES, Level
from storefront.linting.sample import find_sample
from storefront.linting.statements import find_differences, find_short_times
from storefront.linting.timeline import find_times
from storefront.origin import Part, Passage
from storefront.problems import Problem, in_order
from storefront.reader import CampaignContent, Content


def is_error(finding: Problem) -> bool:
    """Say whether a finding keeps the site from being published."""
    rule = RULES.get(finding.code)
    return rule is None or rule.level is Level.ERROR


def lint_words(passages: Iterable[Passage]) -> tuple[Problem, ...]:
    """Give what is forbidden in these words, whatever the headers say."""
    return _once(_in_words(sentences(passages)))


def lint(content: Content, now: datetime, published: frozenset[str] | None = None) -> tuple[Problem, ...]:
    """
    Give every finding on a content folder that could be read, drafts left out.

    Args:
        now: decides which round the dates in the text are compared with.
        published: ids of the campaigns that are on the site already; None where there is no site yet.

    Returns:
        In the order of files and lines, each only once. is_error() tells which of them forbid publishing.
    """
    house = sentences(content.passages)
    found = [
        *_in_words(house),
        *find_missing_in_shop(content.shop, content.origin, _about(content), house, now),
        *find_sample(content),
        *find_alts(content.origin, content.passages),
        *find_differences(house, [item.campaign for item in content.campaigns]),
    ]
    whole = [*house]
    for item in content.campaigns:
        own = sentences(item.passages)
        whole += own
        found += _in_campaign(item, own, content, house, now, published)
    explained = _explains_cancelling(content)
    found += find_missing_in_words(content.origin, whole, cancelling_explained=explained)
    return _once(found)


def lint_draft(item: CampaignContent, content: Content, now: datetime) -> tuple[Problem, ...]:
    """Give every finding on a draft."""
    return _once(_in_campaign(item, sentences(item.passages), content, sentences(content.passages), now, None))


def _in_campaign(
    item: CampaignContent,
    own: tuple[Sentence, ...],
    content: Content,
    house: tuple[Sentence, ...],
    now: datetime,
    published: frozenset[str] | None,
) -> Iterator[Problem]:
    places = Places(item.origin, content.origin)
    yield from _in_words(own)
    yield from find_clauses(sentences(item.origin.names()), COPIES)
    yield from find_alts(item.origin, item.passages)
    yield from find_numbers(item.campaign, places)
    yield from find_differences(own, [item.campaign])
    yield from find_times(item.campaign, own, places, now, published)
    yield from find_deadlines(item.campaign, places, now)
    yield from find_early(item.campaign, places, now)
    yield from find_missing_in_campaign(item.campaign, places, own, house=house)


def _in_words(found: tuple[Sentence, ...]) -> Iterator[Problem]:
    yield from find_clauses(found)
    yield from find_clauses(found, DEALINGS)
    yield from find_answers(found)
    yield from find_short_times(found)


def _about(content: Content) -> str:
    return "\n".join(passage.text for passage in content.passages if passage.part is Part.ABOUT)


def _explains_cancelling(content: Content) -> bool:
    own = [{passage.part for passage in item.passages} for item in content.campaigns]
    house = {passage.part for passage in content.passages}
    return Part.CANCELLATION in house or (bool(own) and all(Part.CANCELLATION in parts for parts in own))


def _once(findings: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give findings in order; one that several campaigns share, for it stands in the shop's file, is told once."""
    seen: dict[tuple[str, int | None, str], Problem] = {}
    for finding in findings:
        seen.setdefault((finding.file, finding.line, finding.code), finding)
    return in_order(tuple(seen.values()))
