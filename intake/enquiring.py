"""Taking enquiries: the waitlist, interest in the next opening, requests for an offer; and letting askers leave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from intake.ledger import enquiries, store
from intake.ledger.enquiries import NewEnquiry, StoredEnquiry
from intake.ledger.store import to_ms
from intake.ledger.writer import LedgerUnreachable, Transaction, Writer
from intake.placing import ShopPaused
from preorder.enquiries import LETTERS, Enquiry, EnquiryKind, EnquiryStatus, NotChangeable, StillThere
from preorder.errors import PreorderError
from preorder.ref import make_ref
from preorder.status import Actor

log = logging.getLogger(__name__)

REF_LENGTH = 5


class NoSuchEnquiry(PreorderError):
    """No enquiry has this link."""

    code = "no_such_enquiry"


class HasLeft(PreorderError):
    """She left already, or the seller has answered: there is nothing to leave. Fields: status."""

    code = "has_left"


@dataclass(frozen=True)
class Asked:
    """An enquiry that is stored. repeated: the same press had stored it before."""

    ref: str
    token: str
    repeated: bool


@dataclass(frozen=True)
class Needed:
    """
    Units that somebody would wait for.

    Attributes:
        units: pool id -> units; pools without a quota are left out.
        quotas: pool id -> quota as published, for a round in which nobody has ordered yet.
    """

    units: Mapping[str, int]
    quotas: Mapping[str, int]


@dataclass(frozen=True)
class ShownEnquiry:
    """An enquiry with its place in the line; None where it is in none."""

    stored: StoredEnquiry
    place: int | None


class Enquiries:
    """What the pages ask and tell the ledger about enquiries."""

    def __init__(self, writer: Writer, reader: Engine, secret_key: bytes) -> None:
        self._writer, self._reader, self._secret_key = writer, reader, secret_key

    def ask(
        self,
        enquiry: Enquiry,
        title: str,
        language: str,
        fields_digest: str,
        consent: str,
        now: datetime,
        needed: Needed | None,
    ) -> Asked:
        """
        Store an enquiry, or find the one that the same press made before; returns after the commit.

        A name and a number prove nothing: whoever knows them gets an enquiry of her own, and learns and changes
        nothing of another's. See change for that.

        Args:
            fields_digest: of what was posted, with the slip that only this press can know.
            needed: what she would wait for; None where that is not what she asks for.

        Raises:
            TooManyEnquiries, StillThere, ShopPaused: nothing was stored.
            LedgerBusy, LedgerUncertain, ...: see intake.ledger.writer.
        """
        new = self._new(enquiry, title, language, fields_digest, consent, now)

        def work(tx: Transaction) -> Asked:
            if reason := store.is_paused(tx.connection):
                raise ShopPaused(reason=reason)
            enquiries.lock_asker(tx, new.phone_hmac)
            if same := enquiries.find_same(tx.connection, fields_digest):
                return Asked(*same, repeated=True)
            if needed is not None and _is_left(tx, enquiry, needed):
                raise StillThere
            ref = self._free_ref(tx, enquiry.kind)
            enquiries.add(tx, new, ref, self._token(ref))
            return Asked(ref, self._token(ref), repeated=False)

        asked = self._writer.submit(work)
        log.info("enquiry %s %s", asked.ref, "repeated" if asked.repeated else f"taken ({enquiry.kind})")
        return asked

    def change(
        self,
        token: str,
        enquiry: Enquiry,
        title: str,
        language: str,
        consent: str,
        now: datetime,
        needed: Needed | None,
    ) -> None:
        """
        Put another wish in the place of the one behind a link, which keeps its page, its asker and its place in the
        line. Saying it again changes nothing.

        Args:
            enquiry, needed: as for ask; whose it is stays as it was.

        Raises:
            NoSuchEnquiry, NotChangeable, StillThere, ShopPaused: nothing was changed.
            LedgerBusy, LedgerUncertain, ...: see intake.ledger.writer.
        """
        new = self._new(enquiry, title, language, "", consent, now)

        def work(tx: Transaction) -> None:
            if reason := store.is_paused(tx.connection):
                raise ShopPaused(reason=reason)
            stored = enquiries.by_token(tx.connection, token, lock=True)
            if stored is None:
                raise NoSuchEnquiry
            if stored.status is not EnquiryStatus.WAITING:
                raise NotChangeable(status=stored.status)
            if needed is not None and _is_left(tx, enquiry, needed):
                raise StillThere
            enquiries.change_wish(tx, stored, new)

        self._writer.submit(work)

    def _new(
        self, enquiry: Enquiry, title: str, language: str, fields_digest: str, consent: str, now: datetime
    ) -> NewEnquiry:
        return NewEnquiry(
            enquiry=enquiry,
            title=title,
            language=language,
            fields_digest=fields_digest,
            phone_hmac=phone_hmac(self._secret_key, enquiry.phone),
            consent=consent,
            asked_at_ms=to_ms(now),
        )

    def _free_ref(self, tx: Transaction, kind: EnquiryKind) -> str:
        while True:
            ref = make_ref(LETTERS[kind], secrets.choice, REF_LENGTH)
            if not enquiries.is_taken(tx.connection, ref):
                return ref

    def _token(self, ref: str) -> str:
        digest = hmac.new(self._secret_key, b"enquiry:" + ref.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def find(self, token: str) -> ShownEnquiry:
        """
        Give the enquiry behind a link.

        Raises:
            NoSuchEnquiry, LedgerUnreachable.
        """
        try:
            with self._reader.begin() as connection:
                stored = enquiries.by_token(connection, token)
                if stored is None:
                    raise NoSuchEnquiry
                in_line = stored.kind is EnquiryKind.WAITLIST and stored.status is EnquiryStatus.WAITING
                return ShownEnquiry(stored, enquiries.place_in_line(connection, stored) if in_line else None)
        except SQLAlchemyError as error:
            raise LedgerUnreachable(reason=type(error).__name__) from error

    def leave(self, token: str, now: datetime) -> None:
        """
        Take down that she waits no longer, and keep nothing of hers. Saying it again changes nothing.

        Raises:
            NoSuchEnquiry, HasLeft: the seller has answered already.
            LedgerBusy, LedgerUncertain, ...: see intake.ledger.writer.
        """

        def work(tx: Transaction) -> None:
            stored = enquiries.by_token(tx.connection, token, lock=True)
            if stored is None:
                raise NoSuchEnquiry
            if stored.status is EnquiryStatus.LEFT:
                return
            if stored.status is not EnquiryStatus.WAITING:
                raise HasLeft(status=stored.status)
            enquiries.erase(tx, stored, to_ms(now), Actor.BUYER)

        self._writer.submit(work)


def _is_left(tx: Transaction, enquiry: Enquiry, needed: Needed) -> bool:
    """Say whether all of it could be ordered now; what has no quota always can."""
    known = store.units_left(tx.connection).get((enquiry.campaign_id, enquiry.round), {})
    left = {**needed.quotas, **known}
    return all(units <= left[pool] for pool, units in needed.units.items())


def phone_hmac(secret_key: bytes, phone: str) -> str:
    """Give the digest of a number, as intake.desk.Desk.phone_hmac does."""
    return hmac.new(secret_key, b"phone:" + phone.encode(), hashlib.sha256).hexdigest()
