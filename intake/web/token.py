"""The token of a review page: it proves what was reviewed and when, and makes one press of the button one order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

VALID_FOR = timedelta(minutes=60)
# A review that seems to come from the future by more than this was not made by our clock.
SKEW = timedelta(minutes=5)

_VERSION = "1"
_SHAPE = re.compile(
    r"1\.(?P<nonce>[A-Za-z0-9_-]{22})\.(?P<issued>[0-9]{1,12})\.(?P<revision>[0-9]{1,15})"
    r"\.(?P<fields>[0-9a-f]{64})\.(?P<terms>[0-9a-f]{0,64})\.(?P<mac>[A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True)
class Review:
    """
    What a buyer was shown.

    Attributes:
        nonce: 128 bit; at most one order is made for it.
        issued_at: when the page was made, in whole seconds.
        revision: of the catalogue that it was made from.
        fields_digest: SHA-256 over what she had posted, in hex.
        terms_hash: over the campaign's terms and the prices, as they were then.
    """

    nonce: str
    issued_at: datetime
    revision: int
    fields_digest: str
    terms_hash: str

    def expired(self, now: datetime) -> bool:
        """Say whether it is too old to order by."""
        return not -SKEW <= now - self.issued_at <= VALID_FOR


class ReviewTokens:
    """Makes and checks review tokens."""

    def __init__(self, secret_key: bytes) -> None:
        # A key of its own for each purpose: a value that another part signs can never pass for a token.
        self._key = hmac.new(secret_key, b"etalase review token", hashlib.sha256).digest()

    def issue(self, now: datetime, revision: int, fields_digest: str, terms_hash: str) -> str:
        """Give a fresh token, with a nonce of its own."""
        body = ".".join(
            (_VERSION, secrets.token_urlsafe(16), str(int(now.timestamp())), str(revision), fields_digest, terms_hash)
        )
        return f"{body}.{self._mac(body)}"

    def read(self, token: str) -> Review | None:
        """Give what a token says; None where it isn't one of ours. Whether it has expired is for the caller to ask."""
        found = _SHAPE.fullmatch(token) if token.isascii() else None
        if found is None or not hmac.compare_digest(found["mac"], self._mac(token.rpartition(".")[0])):
            return None
        issued_at = datetime.fromtimestamp(int(found["issued"]), UTC)
        return Review(found["nonce"], issued_at, int(found["revision"]), found["fields"], found["terms"])

    def _mac(self, body: str) -> str:
        mac = hmac.new(self._key, body.encode("ascii"), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
