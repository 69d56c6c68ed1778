"""The sliding minute in which an account, and a project, may ask only so often."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.sheets_double.clocks import Clock
from tests.sheets_double.errors import ApiError

WINDOW_S = 60.0


@dataclass
class Quotas:
    """Reads and writes are counted apart; None: no limit. What is refused does not count."""

    clock: Clock
    per_account: int | None = 60
    per_project: int | None = 300
    retry_after_s: int | None = None
    _times: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def take(self, kind: str, account: str) -> None:
        """Count a "read" or "write"; raises ApiError where there were too many."""
        project = account.partition("@")[2].partition(".")[0]
        now = self.clock.now()
        limits = (("user", account, self.per_account), ("project", project, self.per_project))
        for scope, owner, limit in limits:
            if limit is not None and len(self._window(kind, f"{scope}/{owner}", now)) >= limit:
                raise exhausted(kind, scope, limit, project, self.retry_after_s)
        for scope, owner, _ in limits:
            self._window(kind, f"{scope}/{owner}", now).append(now)

    def used(self, kind: str, account: str) -> int:
        """Give how many of the last minute count."""
        return len(self._window(kind, f"user/{account}", self.clock.now()))

    def reset(self) -> None:
        """Begin a new minute."""
        self._times.clear()

    def _window(self, kind: str, owner: str, now: float) -> deque[float]:
        times = self._times.setdefault((kind, owner), deque())
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        return times


def exhausted(kind: str, scope: str, limit: int, project: str, retry_after_s: int | None = None) -> ApiError:
    """Give the 429, word for word as far as known; without Retry-After unless asked."""
    word = "Read" if kind == "read" else "Write"
    limit_name = f"{word} requests per minute" + (" per user" if scope == "user" else "")
    text = (
        f"Quota exceeded for quota metric '{word} requests' and limit '{limit_name}' of service"
        f" 'sheets.googleapis.com' for consumer 'project_number:{sum(project.encode()) * 7919}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit_value": str(limit),
            "quota_metric": f"sheets.googleapis.com/{kind}_requests",
            "quota_limit": f"{word}RequestsPerMinutePer{'User' if scope == 'user' else 'Project'}",
            "service": "sheets.googleapis.com",
            "quota_location": "global",
        },
    }
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return ApiError(429, text, details=[info], headers=headers)
