"""The fields of a posted form, read strictly: what can't be read exactly as it was sent is refused, never repaired."""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO
from urllib.parse import unquote

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from preorder.errors import PreorderError

# An order with the longest texts and a hundred lines has about 20 KB.
LARGEST_BODY = 64 * 1024
# Fields that a post may hold beside those that we know, before it counts as an attack.
SPARE_FIELDS = 20
FEWEST_FIELDS = 50

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class UnreadablePost(PreorderError):
    """The base of the refusals below."""

    code = "malformed"


class WrongType(UnreadablePost):
    """No form, or one with a file, an encoding or a character set that we don't take."""

    code = "wrong_type"


class TooLarge(UnreadablePost):
    """The body is larger than LARGEST_BODY."""

    code = "too_large"


class TooManyFields(UnreadablePost):
    """Fields: most."""

    code = "too_many_fields"


class BadEncoding(UnreadablePost):
    """Bytes that are not UTF-8."""

    code = "bad_encoding"


class RepeatedField(UnreadablePost):
    """A field that stands once in the page came twice, so nobody can say which one she meant. Fields: name."""

    code = "repeated_field"


def read_fields(request: Request, known: Collection[str]) -> dict[str, str]:
    """
    Give name -> text of a posted form, for the known names; others are dropped.

    Raises:
        UnreadablePost: one of its kinds.
    """
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise WrongType
    mimetype, options = _type(request)
    if mimetype not in {URLENCODED, MULTIPART} and (mimetype or request.content_length):
        raise WrongType
    if options.get("charset", "utf-8").strip().lower() not in {"utf-8", "utf8"}:
        raise WrongType
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge from None
    most = max(FEWEST_FIELDS, len(known) + SPARE_FIELDS)
    pairs = _read_multipart(body, options, most) if mimetype == MULTIPART else _read_urlencoded(body, most)
    fields: dict[str, str] = {}
    for name, text in pairs:
        if name in fields:
            raise RepeatedField(name=name)
        if name in known:
            fields[name] = text
    return fields


def _type(request: Request) -> tuple[str, dict[str, str]]:
    # What every browser sends needs no taking apart.
    if request.environ.get("CONTENT_TYPE") == URLENCODED:
        return URLENCODED, {}
    return request.mimetype, request.mimetype_params


def _read_urlencoded(body: bytes, most: int) -> list[tuple[str, str]]:
    # Not Werkzeug's reading: it keeps bytes that are no UTF-8 as percent signs and digits, and the order would be
    # stored like that.
    try:
        text = body.decode("utf-8")
        if text.count("&") >= most:
            raise TooManyFields(most=most)
        pairs = (pair.partition("=") for pair in text.split("&") if pair)
        return [(_plain(name), _plain(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise BadEncoding from None


def _plain(text: str) -> str:
    text = text.replace("+", " ")
    return unquote(text, "utf-8", "strict") if "%" in text else text


def _read_multipart(body: bytes, options: dict[str, str], most: int) -> list[tuple[str, str]]:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadEncoding from None
    # Files are refused below; until then they stay in memory, for the whole body is small.
    parser = FormDataParser(
        lambda *_sizes, **_names: BytesIO(), max_form_memory_size=LARGEST_BODY, max_form_parts=most, silent=False
    )
    try:
        _, form, files = parser.parse(BytesIO(body), MULTIPART, len(body), options)
    except RequestEntityTooLarge:
        raise TooManyFields(most=most) from None
    except ValueError:
        raise UnreadablePost from None
    if files:
        raise WrongType
    return list(form.items(multi=True))
