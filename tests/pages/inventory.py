"""What a state of a page is, and the list of all of them: tests.pages.states fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from tests.pages.shop import PagesShop


@dataclass(frozen=True)
class Visit:
    """
    How a page is asked for, the way a browser does it.

    Attributes:
        shows: a selector that only this state matches.
        fields: what is posted; None for a page that is only opened.
        body: what is posted instead of fields, as it is.
        during: what the shop must be in meanwhile.
    """

    path: str
    shows: str
    fields: Mapping[str, str] | None = None
    body: bytes | None = None
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    during: tuple[AbstractContextManager[None], ...] = ()

    @property
    def verb(self) -> str:
        """Give the HTTP method."""
        return self.method or ("GET" if self.fields is None and self.body is None else "POST")

    def meanwhile(self) -> ExitStack:
        """Bring the shop into the state; it leaves it when the block ends."""
        stack = ExitStack()
        for each in self.during:
            stack.enter_context(each)
        return stack


@dataclass(frozen=True)
class State:
    """
    One state of one page.

    Attributes:
        kind: home, campaign, form, review, payment, status, enquiry, message or text.
        status: of the answer.
        reach: brings the shop so far and gives the visit.
    """

    name: str
    kind: str
    status: int
    reach: Callable[[PagesShop], Visit]


STATES: dict[str, State] = {}


def state(
    name: str, kind: str, status: int = 200
) -> Callable[[Callable[[PagesShop], Visit]], Callable[[PagesShop], Visit]]:
    """Add a state to the list."""

    def add(reach: Callable[[PagesShop], Visit]) -> Callable[[PagesShop], Visit]:
        assert name not in STATES, name
        STATES[name] = State(name, kind, status, reach)
        return reach

    return add
