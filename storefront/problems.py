"""What is wrong with the content: every problem of every file, gathered and raised at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preorder.errors import PreorderError

if TYPE_CHECKING:  # it needs YAML, and a build with nothing to do raises nothing
    from storefront.origin import Passage


@dataclass(frozen=True)
class Problem:
    """
    One thing to correct.

    Attributes:
        file: path as the seller gave it, with "/" on every system.
        line: 1-based; None where the problem is the file itself or its absence.
        code: stable name; storefront.report has the sentence.
        fields: what the sentence needs. Keys are written as in the file concerned.
    """

    file: str
    line: int | None
    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)


class ContentErrors(PreorderError):
    """
    The content can't be published. Fields: problems (Problem, in the order of files and lines), language; where known,
    warnings (Problem, likewise) and passages (what buyers would read, as typed).
    """

    code = "content_errors"

    @property
    def problems(self) -> Sequence[Problem]:
        """Give the problems, sorted by file and line."""
        found: Sequence[Problem] = self.fields["problems"]
        return found

    @property
    def warnings(self) -> Sequence[Problem]:
        """Give what else was found, which alone would not keep the content from being published."""
        found: Sequence[Problem] = self.fields.get("warnings", ())
        return found

    @property
    def passages(self) -> Sequence[Passage]:
        """Give the words of all files that could be read."""
        found: Sequence[Passage] = self.fields.get("passages", ())
        return found

    @property
    def language(self) -> str:
        """Give the shop's language as far as it could be read, else Indonesian."""
        return str(self.fields["language"])


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Give problems by file and line, those of equal place as they were found."""
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line or 0)))
