"""The double as tests hold it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from tests.sheets_double import faults
from tests.sheets_double.api import Answer, Google
from tests.sheets_double.calls import ANY, API, WRITES, Call, Match, matches
from tests.sheets_double.clocks import Clock, RealClock
from tests.sheets_double.faults import Fault, Hook, Planted
from tests.sheets_double.hands import Seller
from tests.sheets_double.model import Spreadsheet
from tests.sheets_double.server import Server, serving_thread
from tests.sheets_double.storing import Folder

ACCOUNT = "etalase@toko-contoh.iam.gserviceaccount.com"
SELLER = "penjual@example.com"


class SheetsDouble:
    """
    A Google Sheets API of one's own, over HTTP.

    Use as a context manager, or start() and close(). Everything may be called from any thread.

    Attributes:
        url: for ETALASE_SHEETS_API. account: the service account that is there from the start.
        calls: all that were made, the oldest first. latency_s: before each answer.
        failures: what went wrong within the double itself; close() raises the first.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        folder: Path | None = None,
        unique_metadata_ids: bool = True,
        per_account: int | None = 60,
        per_project: int | None = 300,
    ) -> None:
        self.clock: Clock = clock or RealClock()
        self.google = Google(self.clock)
        self.google.unique_metadata_ids = unique_metadata_ids
        self.quotas = self.google.quotas
        self.quotas.per_account, self.quotas.per_project = per_account, per_project
        self.accounts = self.google.accounts
        self.account = ACCOUNT
        self.calls: list[Call] = []
        self.failures: list[BaseException] = []
        self.latency_s = 0.0
        self.lock = threading.RLock()
        self._planted: list[Planted] = []
        self._hooks: list[Hook] = []
        self._closing = threading.Event()
        self._folder = Folder(folder) if folder is not None else None
        if self._folder is not None:
            self._folder.load(self.google)
            self.google.changed = self._folder.save
        if ACCOUNT not in self.accounts.by_email:
            added = self.accounts.add(ACCOUNT)
            if self._folder is not None:
                self._folder.save_account(added)
        self._server = Server(self, host, port)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = serving_thread(self._server)

    # -- life ------------------------------------------------------------------------------------------------------------

    def start(self) -> SheetsDouble:
        """Listen."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Cut what hangs, and listen no more; raises what went wrong within the double."""
        self._closing.set()
        with self.lock:
            for planted in self._planted:
                planted.released.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.cut_all()
        self._server.server_close()
        if self.failures:
            raise self.failures[0]

    @property
    def is_closing(self) -> bool:
        """Say whether it is being closed."""
        return self._closing.is_set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is there ---------------------------------------------------------------------------------------------------

    def create(
        self,
        title: str = "Toko Contoh",
        *,
        locale: str = "in_ID",
        time_zone: str = "Asia/Jakarta",
        share: Sequence[str] | None = None,
        tabs: Sequence[str] = (),
    ) -> Seller:
        """
        Make a spreadsheet of the seller's.

        Args:
            share: accounts that may write; None: the one that is there from the start.
            tabs: titles, in place of the one that is always there.

        Returns:
            The seller's hands on it; `.id` is for ETALASE_SHEET=google:<id>.
        """
        with self.lock:
            spreadsheet = self.google.create(SELLER, title, locale, time_zone)
            for account in [self.account] if share is None else share:
                spreadsheet.shares[account] = "writer"
            seller = Seller(self, spreadsheet)
            for place, name in enumerate(tabs):
                if place:
                    seller.add_tab(name)
                else:
                    seller.rename_tab(spreadsheet.book.tabs[0].title, name)
            self.google.changed(spreadsheet)
            return seller

    def open(self, spreadsheet_id: str) -> Seller:
        """Give the seller's hands on a spreadsheet that is there."""
        return Seller(self, self.google.spreadsheets[spreadsheet_id])

    def remove(self, spreadsheet_id: str) -> Spreadsheet:
        """Delete a file; put_back() undoes it."""
        with self.lock:
            return self.google.spreadsheets.pop(spreadsheet_id)

    def put_back(self, spreadsheet: Spreadsheet) -> None:
        """Take a file out of the bin again."""
        with self.lock:
            self.google.spreadsheets[spreadsheet.id] = spreadsheet

    def key_data(self, account: str = "") -> dict[str, str]:
        """Give what a service account's JSON file holds; token_uri points here. An account that isn't there is made."""
        email = account or self.account
        if email not in self.accounts.by_email:
            self.accounts.add(email)
        return self.accounts.key_file(email, f"{self.url}/token")

    def write_key(self, path: Path, account: str = "") -> Path:
        """Write a service account's JSON file, for GOOGLE_APPLICATION_CREDENTIALS."""
        path.write_text(json.dumps(self.key_data(account), indent=2) + "\n")
        path.chmod(0o600)
        return path

    # -- what goes wrong -------------------------------------------------------------------------------------------------

    def plant(self, fault: Fault, match: Match = WRITES, *, skip: int = 0, times: int = 1) -> Planted:
        """
        Let something go wrong with the next call that matches.

        Args:
            match: see calls.matches(): "write", "read", "token", "values.batchGet", "insertDimension", or a function.
            skip: so many matching calls go well before. times: so many meet it.
        """
        planted = Planted(fault, match, skip, times)
        with self.lock:
            self._planted.append(planted)
        return planted

    def clear_faults(self) -> None:
        """Take back all faults and hands that still wait, and let go what hangs."""
        with self.lock:
            for planted in self._planted:
                planted.cancel()
                planted.release()
            self._planted.clear()
            self._hooks.clear()

    def waiting_faults(self) -> list[str]:
        """Give the names of the faults that no call has met yet."""
        with self.lock:
            return [f"{planted.fault.name} ({planted.match})" for planted in self._planted if not planted.is_over]

    def before(self, match: Match, hand: Callable[[], object], *, skip: int = 0) -> Hook:
        """Let a hand come in right before the next call that matches."""
        return self._hook(Hook(match, hand, skip, after=False))

    def after(self, match: Match, hand: Callable[[], object], *, skip: int = 0) -> Hook:
        """Let a hand come in right after the next call that matches was done, before its answer goes out."""
        return self._hook(Hook(match, hand, skip, after=True))

    def between(self, count: int, hand: Callable[[], object]) -> Hook:
        """Let a hand come in after the next `count` reads and writes, right before the one that follows."""
        return self.before(API, hand, skip=count)

    def _hook(self, hook: Hook) -> Hook:
        with self.lock:
            self._hooks.append(hook)
        return hook

    # -- what was asked --------------------------------------------------------------------------------------------------

    def count(self, match: Match = ANY) -> int:
        """Give how many calls matched."""
        with self.lock:
            return sum(matches(call, match) for call in self.calls)

    def made(self, match: Match = ANY) -> list[Call]:
        """Give the calls that matched."""
        with self.lock:
            return [call for call in self.calls if matches(call, match)]

    def clear_log(self) -> None:
        """Forget the calls so far."""
        with self.lock:
            self.calls.clear()

    # -- how the server asks ---------------------------------------------------------------------------------------------

    def arrive(self, call: Call, authorization: str) -> tuple[Planted | None, Answer | None]:
        """
        Take in a call, whole under one lock.

        Returns:
            The fault that it met, and what would be answered; None where nothing is done for it now.
        """
        with self.lock:
            self.calls.append(call)
            self._run_hooks(call, after=False)
            planted = next((each for each in self._planted if each.takes(call)), None)
            applied = "yes" if planted is None else planted.fault.applied
            if planted is not None:
                call.fault = planted.fault.name
            if applied == "late" and planted is not None:
                self._land_later(call, authorization, planted)
                self._run_hooks(call, after=True)
                return planted, None
            if applied == "no":
                self._run_hooks(call, after=True)
                return planted, None
            answer = self.google.answer(call, authorization)
            self._run_hooks(call, after=True)
            return planted, answer

    def wait_released(self, planted: Planted) -> None:
        """Wait until a hanging call is let go, or the double is closed."""
        planted.released.wait()

    def _land_later(self, call: Call, authorization: str, planted: Planted) -> None:
        # Who may call, and how often, was decided when it came.
        refused = self.google.admit(call, authorization)
        done = threading.Event()

        def land() -> None:
            with self.lock:
                if done.is_set() or self._closing.is_set():
                    return
                done.set()
                answer = refused or self.google.perform(call)
                planted.landed_status = answer.status
                planted.landed.set()

        planted.landings.append(land)
        if planted.fault.land_after_s is not None:
            self.clock.call_later(planted.fault.land_after_s, land)

    def _run_hooks(self, call: Call, *, after: bool) -> None:
        for hook in [each for each in self._hooks if each.takes(call, after=after)]:
            hook.done.set()
            self._hooks.remove(hook)
            try:
                hook.hand()
            except BaseException as failure:  # noqa: BLE001
                # The test that gave the hand is told when it closes the double.
                hook.failure = failure
                self.failures.append(failure)


__all__ = ["ACCOUNT", "SELLER", "SheetsDouble", "faults"]
