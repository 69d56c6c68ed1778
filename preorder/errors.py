"""Errors of the domain: a code and the values that explain it. The words for people are made at the edges."""

from __future__ import annotations

from typing import Any, ClassVar


class PreorderError(Exception):
    """
    A rule was broken.

    Attributes:
        code: a stable English snake_case name; the edges look their sentence up by it.
        fields: what stands there, what is allowed, where: everything that the sentence needs.
    """

    code: ClassVar[str] = "preorder_error"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(self.code, fields)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.code}({details})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by positional arguments; ours are keywords.
        return (_rebuild, (type(self), self.fields))


def _rebuild(kind: type[PreorderError], fields: dict[str, Any]) -> PreorderError:
    return kind(**fields)


class CampaignError(PreorderError):
    """A shop or campaign that contradicts itself. Fields: what (the attribute), value, and what the rule needs."""

    code = "impossible_campaign"
