"""
Every page of the shop in every state, in one list: STATES. Whoever adds a page or a state adds it here, and it is
looked at, listened to, tabbed through, weighed and photographed with all the others.
"""

from __future__ import annotations

from tests.pages import states_enquiries, states_errors, states_orders, states_shop
from tests.pages.inventory import STATES, State, Visit

__all__ = ["STATES", "State", "Visit"]

# Imported for what they add.
_ = (states_shop, states_orders, states_enquiries, states_errors)
