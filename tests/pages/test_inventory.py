"""The list of states is whole."""

from __future__ import annotations

from intake.web.errors import STATUS_CODES
from preorder.schedule import Phase
from preorder.status import Status
from tests.pages.states import STATES


def test_nothing_is_left_out() -> None:
    """Every status of an order, every phase of a campaign and every status code of an error has its page in the list."""
    names = set(STATES)
    assert {f"status-{each.replace('_', '-')}" for each in Status} <= names
    assert {f"campaign-{each.replace('_', '-')}" for each in Phase} <= names
    listed = {state.status for state in STATES.values()}
    assert set(STATUS_CODES.values()) - listed == set()
