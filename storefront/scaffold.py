"""A new campaign's folder, with a header that builds as it is."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from preorder.errors import PreorderError
from preorder.slugs import RESERVED_SLUGS
from storefront.vocabulary import CHOICES, FILES, KEYS, slugify

PRICE = "100.000"
OPENS_IN = timedelta(days=7)
LASTS = timedelta(days=14)


class ScaffoldRefused(PreorderError):
    """No folder can be made for this title. Fields: reason ("no_name", "exists", "reserved"), title, path."""

    code = "scaffold_refused"


def describe_refusal(error: ScaffoldRefused, translation: gettext.NullTranslations) -> str:
    """Give why, and what to do."""
    _ = translation.gettext
    sentences = {
        "no_name": _('"%(title)s" holds no letters for an address. Choose another title.'),
        "exists": _("%(path)s is there already; nothing was written. Choose another title."),
        "reserved": _('The address of "%(title)s" belongs to the shop itself. Choose another title.'),
    }
    return sentences[error.fields["reason"]] % error.fields


def new_campaign(
    content: Path, title: str, now: datetime, language: str, translation: gettext.NullTranslations
) -> Path:
    """
    Write a campaign's folder as a draft and give its file.

    Args:
        content: the content folder; its campaigns folder is made where it is missing.
        language: "id" or "en", of the keys.

    Raises:
        ScaffoldRefused: the title makes no address, or something of that name is there.
    """
    title = " ".join(title.split())
    slug = slugify(title)
    if not slug:
        raise ScaffoldRefused(reason="no_name", title=title)
    if slug in RESERVED_SLUGS:
        raise ScaffoldRefused(reason="reserved", title=title)
    english = language == "en"
    names = FILES["campaigns"].spellings()
    folder = next((content / name for name in names if (content / name).is_dir()), content / FILES["campaigns"].english)
    for taken in (folder / slug, folder / f"{slug}.md"):
        if taken.exists():
            raise ScaffoldRefused(reason="exists", title=title, path=taken.as_posix())
    text = _text(title, slug, _free_prefix(slug, folder), now, english=english, translation=translation)
    (folder / slug).mkdir(parents=True)
    path = folder / slug / FILES["index"].english
    path.write_text(text, "utf-8")
    return path


def leftovers(text: str, spoken: Iterable[Callable[[str], str]], report: Callable[..., None]) -> None:
    """
    Report what a campaign's file still says as new_campaign() has written it.

    Args:
        text: of the file.
        spoken: gettext of every language that it may have been written in.
        report: called with (line, code, **fields) for each.
    """
    languages = list(spoken)
    descriptions = {_description(_) for _ in languages}
    examples = {_example(_) for _ in languages}
    for number, line in enumerate(text.split("\n"), 1):
        value, _sign, remark = line.partition("#")
        if line.strip() in descriptions:
            report(number, "placeholder_left")
        elif remark.strip() in examples and value.split(":")[-1].strip() == PRICE:
            report(number, "example_price_left", key=value.split(":")[0].strip(" -"), text=PRICE)


def _description(_: Callable[[str], str]) -> str:
    return _("Describe here what you sell: taste, size, material, how long it keeps.")


def _example(_: Callable[[str], str]) -> str:
    return _("an example: write your own price and delete this remark")


def _free_prefix(slug: str, folder: Path) -> str:
    """Give capitals for order numbers that no campaign has yet: consonants of the title first, as in NST for nastar."""
    letters = re.sub(r"[^a-z]", "", slug).upper()
    consonants = re.sub(r"[AEIOU]", "", letters)
    pattern = re.compile(rf"^(?:{'|'.join(KEYS['prefix'].spellings())}):\s*[\"']?([A-Z]{{2,4}})", re.MULTILINE)
    taken = {
        found.group(1)
        for path in sorted(folder.rglob("*.md"))
        if (found := pattern.search(path.read_text("utf-8", errors="replace")))
    }
    candidates = [base[:length] for length in (3, 4, 2) for base in (consonants, letters) if len(base) >= length]
    candidates += [a + b for a in "PQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    return next(candidate for candidate in candidates if candidate not in taken)


def _text(
    title: str, slug: str, prefix: str, now: datetime, *, english: bool, translation: gettext.NullTranslations
) -> str:
    _ = translation.gettext

    def key(name: str) -> str:
        return KEYS[name].shown(english=english)

    def choice(group: str, value: str) -> str:
        return CHOICES[group][value].shown(english=english)

    # Not within the f-strings below, where Babel would not find them.
    about_id = _("Never change the id: orders hang on it.")
    about_draft = _("A draft is not published. Delete this line when everything is right.")
    about_blocks = _(
        "The three blocks below may also stand in the shop file, for all campaigns; then delete them here."
    )
    about_fee = _("We tell you the fee of the courier on WhatsApp before you pay the balance")
    opens = (now + OPENS_IN).date()
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    each_percent = "50% of deposit" if english else "50% dari dp"
    hours, days = ("hours", "days") if english else ("jam", "hari")
    after_closing = "7-10 days after closing" if english else "7-10 hari setelah tutup"
    return "\n".join((
        "---",
        f"# {about_id}",
        f"{key('id')}: {slug}",
        f'{key("title")}: "{quoted}"',
        f"{key('prefix')}: {prefix}",
        f"# {about_draft}",
        f"{key('draft')}: {choice('yes_no', 'yes')}",
        f"{key('schedule')}:",
        f"  {key('opens')}: {opens.isoformat()}",
        f"  {key('closes')}: {(opens + LASTS).isoformat()}",
        f"  {key('announce')}: 7 {days}",
        f"  {key('ships')}: {after_closing}",
        f"{key('products')}:",
        f'  - {key("name")}: "{quoted}"',
        f"    {key('price')}: {PRICE}  # {_example(_)}",
        f"    {key('quota')}: 50",
        f"# {about_blocks}",
        f"{key('payment')}:",
        f"  {key('scheme')}: {choice('scheme', 'deposit')}",
        f"  {key('deposit')}: 50%",
        f"  {key('pay_within')}: 24 {hours}",
        f"{key('delivery')}:",
        f"  - {key('name')}: JNE",
        f"    {key('kind')}: {choice('delivery_kind', 'courier')}",
        f"    {key('fee')}: {choice('fee', 'later')}",
        f"    {key('note')}: {about_fee}",
        f"{key('cancellation')}:",
        f"  {key('by_buyer')}:",
        f"    - {{{key('until')}: {choice('milestone', 'closing')}, {key('refund')}: 100%}}",
        f"    - {{{key('until')}: {choice('milestone', 'production')}, {key('refund')}: {each_percent}}}",
        "---",
        "",
        _description(_),
        "",
    ))  # fmt: skip
