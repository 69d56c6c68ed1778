"""Service accounts, their keys, and the tokens that they get for them."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sheets_double.clocks import Clock
from tests.sheets_double.errors import ApiError, not_authenticated

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_S = 3600
SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
READ_SCOPES = tuple(scope + ".readonly" for scope in SCOPES)


@functools.cache
def shared_key() -> rsa.RSAPrivateKey:
    """Give a private key; making one takes a while, so that all accounts of a process share it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """Give a key as it stands in a service account's file."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class GrantRefused(Exception):
    """
    No token.

    Attributes:
        code: OAuth's word ("invalid_grant"); text: for people.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class Account:
    """A service account. A key that was deleted is revoked."""

    email: str
    project: str
    key_id: str
    key: rsa.RSAPrivateKey
    revoked: bool = False


@dataclass
class Token:
    """An access token."""

    account: str
    scopes: frozenset[str]
    ends_at: float


@dataclass
class Accounts:
    """All service accounts, and the tokens that are out."""

    clock: Clock
    by_email: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def add(self, email: str, key: rsa.RSAPrivateKey | None = None) -> Account:
        """Add a service account, or give it a new key."""
        project = email.partition("@")[2].partition(".")[0] or "project"
        key_id = hashlib.sha256(f"{email}/{secrets.token_hex(8)}".encode()).hexdigest()[:40]
        self.by_email[email] = Account(email, project, key_id, key or shared_key())
        return self.by_email[email]

    def key_file(self, email: str, token_uri: str) -> dict[str, str]:
        """Give what a service account's JSON file holds."""
        account = self.by_email[email]
        return {
            "type": "service_account",
            "project_id": account.project,
            "private_key_id": account.key_id,
            "private_key": private_pem(account.key),
            "client_email": email,
            "client_id": str(int(hashlib.sha256(email.encode()).hexdigest()[:15], 16)),
            "auth_uri": token_uri.removesuffix("/token") + "/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """Give the token endpoint's answer; raises GrantRefused."""
        if form.get("grant_type") != GRANT:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        header, claims, signed, signature = _parts(form.get("assertion", ""))
        account = self.by_email.get(str(claims.get("iss", "")))
        if account is None:
            raise GrantRefused("invalid_grant", "Invalid grant: account not found")
        if account.revoked or header.get("kid", account.key_id) != account.key_id or header.get("alg") != "RS256":
            raise GrantRefused("invalid_grant", "Invalid JWT Signature.")
        try:
            account.key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise GrantRefused("invalid_grant", "Invalid JWT Signature.") from None
        self._check_times(claims)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise GrantRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        text = "ya29.c." + secrets.token_urlsafe(40)
        self.tokens[text] = Token(account.email, scopes, self.clock.now() + TOKEN_S)
        return {"access_token": text, "expires_in": TOKEN_S - 1, "token_type": "Bearer"}

    @staticmethod
    def _check_times(claims: dict[str, Any]) -> None:
        # By the real time: a client's JWT knows no other.
        now = time.time()
        issued, ends = claims.get("iat"), claims.get("exp")
        if (
            not isinstance(issued, int | float)
            or not isinstance(ends, int | float)
            or ends - issued > TOKEN_S
            or issued > now + 300
            or ends < now
        ):
            raise GrantRefused(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                " Check your iat and exp values in the JWT claim.",
            )

    def account_of(self, authorization: str, *, writing: bool) -> str:
        """Give whose token it is; raises ApiError."""
        kind, _, text = authorization.partition(" ")
        if kind.casefold() != "bearer" or not text:
            raise not_authenticated(missing=True)
        token = self.tokens.get(text)
        if token is None or token.ends_at <= self.clock.now():
            raise not_authenticated()
        allowed = SCOPES if writing else SCOPES + READ_SCOPES
        if not token.scopes.intersection(allowed):
            raise ApiError(403, "Request had insufficient authentication scopes.")
        return token.account

    def expire_tokens(self) -> None:
        """Let no token be good any more."""
        self.tokens.clear()

    def revoke(self, email: str) -> None:
        """Delete the key of an account: no new tokens, and those that are out end."""
        self.by_email[email].revoked = True
        self.tokens = {text: token for text, token in self.tokens.items() if token.account != email}


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        head, body, signature = assertion.split(".")
        decoded = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (head, body, signature)]
        return json.loads(decoded[0]), json.loads(decoded[1]), f"{head}.{body}".encode(), decoded[2]
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise GrantRefused("invalid_grant", "Invalid JWT: Failed audience or format check.") from None
