"""
Which processor runs what. Python runs one thread at a time; where the threads of an order desk hop between processors,
each hop costs more than what it hands over, and up to half of the machine's time goes into hopping.

Source: docs/decisions/0011-one-processor.md.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

log = logging.getLogger(__name__)


def allowed() -> Sequence[int]:
    """Give the numbers of the processors that this thread may run on; empty where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()


# As the process was started: by its parent, a supervisor or taskset.
_ALL = allowed()


def stay_on_one(number: int) -> None:
    """
    Keep this thread, and those that it starts, on one processor, where Python has use for one only.

    Args:
        number: tells processes on one machine apart, so that they take different ones: the port.
    """
    if len(_ALL) > 1 and _one_at_a_time():
        _stay_on({_ALL[number % len(_ALL)]})


def use_all() -> None:
    """Let this thread, and the processes that it starts, run wherever the process was allowed to when it started."""
    if _ALL:
        _stay_on(set(_ALL))


def _one_at_a_time() -> bool:
    # Builds of Python without that lock have use for all of them.
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def _stay_on(processors: set[int]) -> None:
    try:
        os.sched_setaffinity(0, processors)
    except OSError as error:
        # A container may forbid it, or have lost the processor: it works as well without.
        log.info("the choice of processors is left to the system: %s", error)
