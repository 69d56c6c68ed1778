"""
Talking to the Google Sheets API: one client for one spreadsheet, the pace that Google allows, and what its answers mean.

gspread's own HTTPClient carries the calls; retrying is nobody's business here. Google's numbers and bodies:
developers.google.com/sheets/api/limits and /api/troubleshoot-api-errors.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gspread
import requests
from google.auth import exceptions as auth_errors
from google.oauth2.service_account import Credentials
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from intake.sheet import (
    SheetApiOff,
    SheetAway,
    SheetError,
    SheetGone,
    SheetInDoubt,
    SheetKeyWrong,
    SheetNotShared,
    SheetPaced,
    SheetProtected,
    SheetRefused,
)

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")
# Seconds to connect, and to wait for an answer; Google itself gives up after 180 s.
TIMEOUT = (5.0, 30.0)
# After these it is of no use to ask often: somebody has to do something first.
HUMAN_S = 900.0
# The minute of the quota, and then not all at once.
QUOTA_S, QUOTA_JITTER_S = 60.0, 10.0
BACKOFF_LEAST_S, BACKOFF_MOST_S = 1.0, 64.0
# Refusals that look like a client's fault and tell nothing about what was done.
_UNCLEAR = frozenset({408, 409, 425})

Render = Literal["UNFORMATTED_VALUE", "FORMULA", "FORMATTED_VALUE"]

LAYOUT_FIELDS = (
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),merges),"
    "developerMetadata(metadataId,metadataKey,metadataValue)"
)


class SheetsHTTP(gspread.HTTPClient):
    """
    gspread's client with timeouts, another base address where one is set, and our errors.

    Not gspread's APIError: it holds -1 for a page of HTML and fails itself on an error that is no object.
    """

    def __init__(
        self, auth: Any, session: requests.Session | None = None, *, base_url: str = "", timeout: Any = TIMEOUT
    ) -> None:
        super().__init__(auth, session)
        self._base_url = base_url.rstrip("/")
        self.set_timeout(timeout)

    def request(self, method: str, endpoint: str, *args: Any, **more: Any) -> requests.Response:
        """
        Do a request.

        Raises:
            Answered: the status is not 2xx.
            requests.RequestException, GoogleAuthError
        """
        for host in GOOGLE if self._base_url else ():
            if endpoint.startswith(host):
                endpoint = self._base_url + endpoint[len(host) :]
        names = ("params", "data", "json", "files", "headers")
        wanted = dict(zip(names, args, strict=False)) | more
        answer: requests.Response = self.session.request(method=method, url=endpoint, timeout=self.timeout, **wanted)
        if not answer.ok:
            raise Answered(answer)
        return answer


class Answered(Exception):
    """
    An answer that says no.

    Attributes:
        status: of HTTP; reason: Google's word for it ("PERMISSION_DENIED"), text: its sentence. Both "" for a page of
            HTML.
        retry_after_s: what it asks for; None where it does not say.
    """

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError, TypeError):
            error = {}
        told = error if isinstance(error, dict) else {"status": error}
        self.reason, self.text = str(told.get("status", "")), str(told.get("message", ""))
        self.details = json.dumps(told.get("details", ""))
        after = answer.headers.get("Retry-After", "")
        self.retry_after_s = float(after) if after.isascii() and after.isdigit() else None
        super().__init__(f"{self.status} {self.reason}")


@dataclass(frozen=True)
class Pace:
    """
    How often Google is asked.

    Attributes:
        poll_s: seconds between two reads; idle_poll_s: likewise after idle_after_s without anything new.
        write_gap_s: seconds between two writes.
        calls_per_minute: of reads, and of writes; Google allows 60 of each.
    """

    poll_s: float = 10.0
    idle_poll_s: float = 30.0
    idle_after_s: float = 600.0
    write_gap_s: float = 3.0
    calls_per_minute: float = 40.0

    def bucket(self, clock: Callable[[], float]) -> Bucket:
        """Give a bucket that no minute sees more calls of: a quarter of them at once, the others spread."""
        return Bucket(self.calls_per_minute / 4, self.calls_per_minute * 0.75 / 60, clock)


@dataclass
class Backoff:
    """
    How long to wait after the n-th failure in a row: full jitter between one second and a ceiling that doubles up to
    BACKOFF_MOST_S. Without end: an outage may last a day.
    """

    rand: Callable[[], float] = random.random
    failures: int = 0

    def next_s(self, asked_s: float | None = None) -> float:
        """Give the seconds to wait after one more failure; never less than the server asked for."""
        self.failures += 1
        ceiling = min(BACKOFF_MOST_S, BACKOFF_LEAST_S * float(2 ** min(self.failures, 10)))
        own = BACKOFF_LEAST_S + self.rand() * (ceiling - BACKOFF_LEAST_S)
        return max(own, asked_s or 0.0)

    def reset(self) -> None:
        """It works again."""
        self.failures = 0


@dataclass
class Bucket:
    """
    At most `burst` calls at once, and `per_s` a second after that; a minute then never sees more than burst + 60 * per_s.

    Google's quota is 60 reads and 60 writes a minute, for one user. Other programs may use the same account.
    """

    burst: float
    per_s: float
    clock: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, self.clock()

    def take(self) -> None:
        """Note a call. Never waits: who begins something asks wait_s() for all of it, and then goes on to the end."""
        self._fill()
        self._left -= 1

    def wait_s(self, calls: float = 1) -> float:
        """Give the seconds until so many calls may be made; 0: now."""
        self._fill()
        lacking = min(calls, self.burst) - self._left
        return max(0.0, lacking / self.per_s)

    def _fill(self) -> None:
        now = self.clock()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_s)
        self._at = now


class ServiceAccount(Credentials):
    """
    A service account that asks nobody but the token's address. google-auth (from 2.45 on) would have a thread of its own
    look up at another host from where requests are allowed, which a spreadsheet does not care about.
    """

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def load_credentials(path: str) -> Credentials:
    """
    Read a service account's key.

    Raises:
        SheetKeyWrong: reason "missing" or "unreadable".
    """
    if not path or not Path(path).is_file():
        raise SheetKeyWrong(path=path, reason="missing", wait_s=HUMAN_S)
    try:
        # Its types are those of a library without any.
        found: Credentials = ServiceAccount.from_service_account_file(path, scopes=list(SCOPES))  # type: ignore[no-untyped-call]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, auth_errors.GoogleAuthError) as error:
        raise SheetKeyWrong(path=path, reason="unreadable", wait_s=HUMAN_S) from error
    return found


class GoogleClient:
    """
    The calls that are made to one spreadsheet, each once; whoever calls decides when to try again.

    Every method raises a SheetError: SheetAway, SheetPaced, SheetGone, SheetNotShared, SheetApiOff, SheetKeyWrong,
    SheetProtected, SheetRefused; batch_update() also SheetInDoubt. After any other than SheetInDoubt nothing was
    written.

    Attributes:
        spreadsheet: its id.
        account: the address that it must be shared with.
        pace: that is kept by whoever calls; reads, writes: what is left of it. Calls are noted there, and nothing waits.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        spreadsheet: str,
        key_path: str,
        *,
        base_url: str = "",
        timeout: tuple[float, float] = TIMEOUT,
        pace: Pace = Pace(),
        clock: Callable[[], float] = time.monotonic,
        rand: Callable[[], float] = random.random,
    ) -> None:
        """
        Args:
            key_path: the service account's JSON file.
            base_url: in Google's place; "" for Google.
            timeout: seconds to connect, and to wait for an answer.

        Raises:
            SheetKeyWrong
        """
        credentials = load_credentials(key_path)
        self.spreadsheet = spreadsheet
        self.account = str(credentials.service_account_email)
        self.pace = pace
        self.clock = clock
        self.reads, self.writes = pace.bucket(clock), pace.bucket(clock)
        self._key_path = key_path
        self._backoff = Backoff(rand)
        self._rand = rand
        self._http = SheetsHTTP(credentials, base_url=base_url, timeout=timeout)

    def close(self) -> None:
        """Close its connections."""
        self._http.session.close()

    def fetch_layout(self, fields: str = LAYOUT_FIELDS, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """
        Give the spreadsheet as spreadsheets.get does (one read), without cells unless asked.

        Args:
            fields: what of it, as Google's field mask; for example "properties(locale,timeZone,title),sheets(properties,
                basicFilter,protectedRanges,conditionalFormats,merges)", or with ranges
                "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue,dataValidation))))".
            ranges: A1 ranges, for what is asked of cells.
        """
        params: dict[str, Any] = {"fields": fields}
        if ranges:
            params["ranges"] = list(ranges)
        self.reads.take()
        return self._done(lambda: self._http.fetch_sheet_metadata(self.spreadsheet, params))

    def batch_get(self, ranges: Sequence[str], render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        """
        Give the values of ranges (one read): one grid of rows for each, without trailing empty cells and rows. Dates are
        serial days.
        """
        params: dict[str, Any] = {"valueRenderOption": render, "majorDimension": "ROWS"}
        self.reads.take()
        answer = self._done(lambda: self._http.values_batch_get(self.spreadsheet, list(ranges), params))
        found = [each.get("values", []) for each in answer.get("valueRanges", [])]
        if len(found) != len(ranges):
            raise SheetAway(reason="answer", wait_s=self._backoff.next_s())
        return found

    def batch_update(self, requests_: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """
        Do spreadsheets.batchUpdate (one write): all of the requests or none.

        Raises:
            SheetInDoubt: it may have been done, or may be yet.
            SheetError: as all; then it was not done.
        """
        self.writes.take()
        body = {"requests": list(requests_)}
        return self._done(lambda: self._http.batch_update(self.spreadsheet, body), writing=True)

    def has_metadata(self, number: int) -> bool:
        """Say whether a developer metadata with this id stands in the spreadsheet (one read)."""
        self.reads.take()
        address = f"{gspread.urls.SPREADSHEET_URL % self.spreadsheet}/developerMetadata/{number}"
        try:
            self._answer(lambda: self._http.request("get", address).json())
        except Answered as answer:
            # The same words for a spreadsheet that is gone; then every other call says so.
            if answer.status == requests.codes.not_found:
                self._backoff.reset()
                return False
            raise self._error(answer, writing=False) from answer
        return True

    def _done(self, call: Callable[[], Any], *, writing: bool = False) -> dict[str, Any]:
        try:
            found = self._answer(call, writing=writing)
        except Answered as answer:
            raise self._error(answer, writing=writing) from answer
        if not isinstance(found, dict):
            raise self._unclear("answer", writing=writing)
        return found

    def _answer(self, call: Callable[[], Any], *, writing: bool = False) -> Any:
        """Do a call and give what it says; raises Answered for an answer that says no."""
        try:
            found = call()
        except auth_errors.RefreshError as error:
            # Before the request proper was sent.
            if error.retryable:
                raise SheetAway(reason="connection", wait_s=self._backoff.next_s()) from error
            raise SheetKeyWrong(path=self._key_path, reason="refused", wait_s=HUMAN_S) from error
        except auth_errors.GoogleAuthError as error:
            raise SheetAway(reason="connection", wait_s=self._backoff.next_s()) from error
        except requests.ConnectionError as error:
            if _was_not_sent(error):
                raise SheetAway(reason="connection", wait_s=self._backoff.next_s()) from error
            raise self._unclear("connection", writing=writing) from error
        except requests.Timeout as error:
            raise self._unclear("timeout", writing=writing) from error
        except (requests.RequestException, ValueError) as error:
            raise self._unclear("answer", writing=writing) from error
        self._backoff.reset()
        return found

    def _unclear(self, reason: str, *, writing: bool, asked_s: float | None = None) -> SheetError:
        kind = SheetInDoubt if writing else SheetAway
        return kind(reason=reason, wait_s=self._backoff.next_s(asked_s))

    def _error(self, answer: Answered, *, writing: bool) -> SheetError:
        """Give what an answer means."""
        status, reason = answer.status, str(answer.status)
        if status == requests.codes.too_many_requests:
            least = answer.retry_after_s or QUOTA_S
            return SheetPaced(wait_s=least + self._rand() * QUOTA_JITTER_S)
        if status >= requests.codes.server_error or status in _UNCLEAR or status < requests.codes.bad_request:
            return self._unclear(reason, writing=writing, asked_s=answer.retry_after_s)
        if status == requests.codes.unauthorized:
            return SheetKeyWrong(path=self._key_path, reason="refused", wait_s=HUMAN_S)
        if status == requests.codes.not_found:
            return SheetGone(spreadsheet=self.spreadsheet, wait_s=HUMAN_S)
        if status == requests.codes.forbidden:
            if "SERVICE_DISABLED" in answer.details or "has not been used in project" in answer.text:
                return SheetApiOff(account=self.account, wait_s=HUMAN_S)
            return SheetNotShared(account=self.account, writing=writing, wait_s=HUMAN_S)
        if "protected" in answer.text:
            return SheetProtected(account=self.account, wait_s=QUOTA_S)
        # Google's own words about our request; they hold places, not values.
        return SheetRefused(status=status, reason=answer.text[:300], wait_s=self._backoff.next_s(answer.retry_after_s))


def _was_not_sent(error: requests.ConnectionError) -> bool:
    """Say whether a connection failed before anything went through it."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)
