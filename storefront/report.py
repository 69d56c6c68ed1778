"""What the seller reads about a build: a sentence for each problem, and what the build did."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storefront import delivery_report, link_report, offer_report, qris_report, schedule_report, theme_report
from storefront.problems import Problem

if TYPE_CHECKING:
    from storefront.builder import Outcome
    from storefront.output import OutputRefused

Translate = Callable[[str], str]


def describe(problem: Problem, translation: gettext.NullTranslations, language: str) -> str:
    """
    Give "file:line: sentence".

    Args:
        translation: of language ("id" or "en").
    """
    from storefront.linting import advice
    from storefront.linting.rules import RULES

    if problem.code in RULES:
        return advice.describe(problem, translation, language)
    _ = translation.gettext
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    fields = {name: _shown(name, value, problem.fields, language) for name, value in problem.fields.items()}
    code = f"{problem.code}_suggested" if "plain" in fields else problem.code
    if code.startswith("qris_"):
        code, fields = qris_report.sentence_code(code, fields), qris_report.named(fields, _)
    sentence = _sentences(_).get(code)
    if sentence is None:
        # A rule of preorder that no reader looked at before: rare, so it shows what the rule itself says.
        details = ", ".join(f"{name} = {value}" for name, value in fields.items())
        return f"{place}: " + _("these values contradict each other: %(details)s.") % {"details": details}
    return f"{place}: {sentence % fields}"


def describe_all(
    problems: tuple[Problem, ...],
    translation: gettext.NullTranslations,
    language: str,
    warnings: tuple[Problem, ...] = (),
) -> list[str]:
    """Give a line for each problem, then for each warning, and one that says what the problems mean for the site."""
    count = len(problems)
    closing = translation.ngettext(
        "%(count)s problem. The site stays as it was.", "%(count)s problems. The site stays as it was.", count
    )
    told = [describe(problem, translation, language) for problem in (*problems, *warnings)]
    return [*told, "", closing % {"count": count}]


def describe_outcome(
    outcome: Outcome, translation: gettext.NullTranslations, output: str, *, checked_only: bool = False
) -> list[str]:
    """Give what a build did, warnings and drafts first."""
    _ = translation.gettext
    lines = [describe(problem, translation, outcome.language) for problem in outcome.warnings]
    lines += [_("%(file)s: a draft, not published.") % {"file": file} for file in outcome.drafts]
    if outcome.warnings:
        count = len(outcome.warnings)
        counted = translation.ngettext("%(count)s warning.", "%(count)s warnings.", count)
        lines += ["", counted % {"count": count}]
    if checked_only:
        lines.append(_("The content is right. Nothing was written."))
    elif not outcome.changed and not outcome.removed:
        lines.append(_("Nothing has changed: %(output)s is up to date.") % {"output": output})
    else:
        lines.append(
            _("%(output)s: %(changed)s files written, %(removed)s removed, %(unchanged)s unchanged.")
            % {
                "output": output,
                "changed": len(outcome.changed),
                "removed": len(outcome.removed),
                "unchanged": outcome.unchanged,
            }
        )
    return lines


def describe_refusal(error: OutputRefused, translation: gettext.NullTranslations) -> str:
    """Give why the output folder can't be used, and what to do."""
    _ = translation.gettext
    sentences: Mapping[str, str] = {
        "overlap": _(
            "%(path)s can't be the output folder: it holds %(other)s or lies in it. Choose a folder of its own."
        ),
        "not_folder": _("%(path)s is a file. Choose a folder for the site."),
        "unwritable": _(
            "%(path)s can't be written. Look whether the folder belongs to another user, or is protected, and whether there is room."
        ),
        "foreign_file": _(
            "%(path)s was not written by this program and would be overwritten. Move it away, or choose another folder."
        ),
    }
    return sentences[error.fields["reason"]] % error.fields


def _shown(name: str, value: Any, fields: Mapping[str, Any], language: str) -> Any:
    # Imported here, for a build with nothing to do has no problem to show.
    from preorder.wording import show_end, show_instant, show_rupiah

    if isinstance(value, datetime) and "zone" in fields:
        return (show_end if name.endswith("closes") else show_instant)(value, fields["zone"], language)
    if isinstance(value, float):
        return str(value).replace(".", ",") if language == "id" else value
    if name in {"least", "most"} and fields.get("money"):
        return show_rupiah(value)
    return value


def _sentences(_: Translate) -> Mapping[str, str]:
    return (
        _file_sentences(_)
        | _value_sentences(_)
        | _rule_sentences(_)
        | link_report.sentences(_)
        | offer_report.sentences(_)
        | delivery_report.sentences(_)
        | schedule_report.sentences(_)
        | qris_report.sentences(_)
        | theme_report.sentences(_)
    )


def _file_sentences(_: Translate) -> dict[str, str]:
    return {
        "no_content": _("There is no such folder. Say where the content lies with --content."),
        "no_shop": _("This file is missing. It holds the shop's name, WhatsApp number and accounts."),
        "no_index": _(
            "This file is missing: a campaign's folder needs it. To put a folder aside, let its name begin with _."
        ),
        "unreadable": _("%(text)s can't be read. Look whether you may open it, and whether another program holds it."),
        "unreadable_folder": _("%(text)s is a folder, but a file of that name is expected. Rename or delete it."),
        "unknown_file": _("This file is not used. Rename it, or let its name begin with _ to keep it for yourself."),
        "unknown_file_suggested": _(
            "This file is not used. Do you mean %(suggestion)s? To keep it for yourself, let its name begin with _."
        ),
        "both_files": _("This is the same as %(other)s under another name. Keep only one of them."),
        "file_too_large": _("The file is larger than %(limit_kb)s KB. That is no text of a campaign."),
        "not_utf8": _("The file holds characters that can't be read. Save it as UTF-8 in your editor."),
        "invisible_character": _(
            "An invisible character (%(character)s) stands here. Delete this line and type it anew."
        ),
        "no_header": _(
            "The file must begin with a line ---, then keys such as judul: or title:, then a line --- again."
        ),
        "header_not_closed": _("The header that begins here has no end. Write a line --- below its last key."),
        "header_not_keys": _("The header must consist of lines like key: value, with a blank after the colon."),
        "unexpected_header": _("This file has no header. Delete the lines from --- to ---."),
        "tab": _("The line is indented with a tab. Use blanks instead."),
        "bad_yaml": _("This line of the header can't be read. Compare it with the lines above: key: value."),
        "yaml_colon": _(
            "This line can't be read: a colon too many, one missing in the line above, or indented too far. Put a text that holds a colon into "
            'quotation marks: "Kue: enak".'
        ),
        "yaml_no_colon": _("A colon with a blank after it is missing here: key: value."),
        "yaml_missing_colon": _("A colon with a blank after it is missing here. Write: %(text)s"),
        "yaml_dash": _("A blank is missing after the - here. Write: %(text)s"),
        "yaml_quote": _(
            "A quotation mark that begins here is not closed. Write the same mark at the end of the text, too."
        ),
        "yaml_quote_inside": _(
            "The text between quotation marks holds one itself, so it would end there. Write: %(text)s"
        ),
        "yaml_curled": _("These quotation marks are curly. Write straight ones: %(text)s"),
        "yaml_backslash": _("Between \" and \" a text can't hold a backslash. Write ' and ' instead, or take it out."),
        "yaml_bracket": _("A bracket that begins here is not closed."),
        "yaml_hash": _(
            'A bracket that begins here is not closed: what follows %(text)s is a note. Put it into quotation marks: "%(text)s".'
        ),
        "yaml_sign": _('A text that begins with one of @ * & ! %% ` must stand in quotation marks: "@dapur".'),
        "yaml_indent": _("This line is not indented like its neighbours. Lines of one list begin in the same column."),
        "too_deep": _("Too many levels within each other."),
        "key_not_text": _("A key must be one word."),
        "duplicate_key": _('"%(key)s" stands twice, first in line %(first_line)s. Delete one of them.'),
        "both_spellings": _('"%(key)s" means the same as "%(other)s" in line %(first_line)s. Keep only one of them.'),
        "unknown_key": _('"%(key)s" is not known here. Known are: %(known)s.'),
        "unknown_key_suggested": _('"%(key)s" is not known here: do you mean "%(suggestion)s"?'),
        "comma_in_braces": _("Within { } a text that holds a comma needs quotation marks. Write: %(key)s: %(text)s"),
        "html_in_text": _("HTML such as %(text)s is not possible. Write Markdown; for the sign < write &lt;."),
        "html_taken_out": _(
            "%(text)s is taken out of the page: it could run, load or post something, or look unlike the shop. Delete it."
        ),
        "attribute_taken_out": _('"%(text)s" is taken out of %(tag)s: it is not possible in a text. Delete it.'),
        "unsafe_link": _("The link %(text)s is not possible. Links begin with https://, mailto:, tel: or /."),
        "picture_elsewhere": _(
            "The picture %(text)s lies on another site; buyers' phones would tell it that they are here. Put the file beside this one, and write its name only."
        ),
        "picture_without_alt": _(
            "Say between the brackets what the photo shows, for those who don't see it: ![What it shows](%(text)s)"
        ),
        "picture_in_text": _(
            "The picture %(text)s can't stand in the text. Name it in the header under foto: or photos:."
        ),
        "text_before_question": _("A FAQ consists of questions as headings, ## Question, each with its answer below."),
        "no_answer": _('The question "%(text)s" has no answer.'),
        "no_such_footnote": _(
            "The footnote %(text)s has no text. Write below, on a line of its own: %(text)s: and then the note."
        ),
        "footnote_without_sign": _(
            "Nothing in the text leads to the footnote %(text)s. Put %(text)s where it belongs, or delete it."
        ),
        "footnote_twice": _(
            "The footnote %(text)s stands twice, first in line %(first_line)s. Give one of them another name."
        ),
        "unknown_remark": _(
            '"!!! %(text)s" is not known. Write !!! catatan, !!! kiat, !!! penting or !!! peringatan (note, tip, important, warning); a title of your own stands behind it in quotation marks.'
        ),
        "text_before_update": _(
            "News consists of headings with a date, ## 20 November 2026 New oven, each with its text below."
        ),
        "update_without_date": _(
            'The heading "%(text)s" has no date that can be read. Begin it with one: ## 20 November 2026 New oven, or ## 2026-11-20 09.00 New oven.'
        ),
        "update_without_title": _('The heading "%(text)s" is a date alone. Write behind it what is new.'),
        "update_to_come": _(
            '"%(text)s" is shown from %(opens)s on, once the site is built after that. If that is not meant, correct the date.'
        ),
        "placeholder_left": _("Buyers read this line as it was made for you. Write what you sell, or delete it."),
        "example_price_left": _(
            '"%(key)s" is still the example, %(text)s. Write your own price; if it is right, delete the remark behind it.'
        ),
        "text_too_deep": _("Lists or quotations stand too deep within each other."),
    }


def _value_sentences(_: Translate) -> dict[str, str]:
    return {
        "missing": _('"%(key)s" is missing here.'),
        "missing_example": _('"%(key)s" is missing here. Write for example: %(key)s: %(example)s'),
        "missing_here_and_in_shop": _('"%(key)s" is missing: write it here, or in the shop\'s file for all campaigns.'),
        "empty_value": _('"%(key)s" is empty. Write something, or delete the line.'),
        "empty_list": _('"%(key)s" must hold at least one item.'),
        "empty_item": _('An item of "%(key)s" is empty. Write something, or delete the line.'),
        "repeated_item": _('"%(text)s" stands twice in "%(key)s", first in line %(first_line)s.'),
        "too_many_items": _('"%(key)s" holds %(count)s items; at most %(most)s are possible.'),
        "not_text": _('"%(key)s" must be a single value, not a list.'),
        "not_list": _('"%(key)s" must be a list: a line for each item that begins with - and a blank.'),
        "not_keys": _('"%(key)s" must hold keys of its own, indented below it: %(known)s.'),
        "not_list_of_keys": _('"%(key)s" must be a list whose items begin with - and hold these keys: %(known)s.'),
        "item_not_keys": _('Each item of "%(key)s" must hold keys, such as: %(known)s.'),
        "text_too_long": _('"%(key)s" has %(length)s characters; at most %(most)s are possible.'),
        "not_rupiah": _(
            '%(key)s "%(text)s" is not a whole amount of rupiah. Write for example 125000, 125.000 or 125rb.'
        ),
        "not_rupiah_suggested": _(
            '%(key)s "%(text)s" is not a whole amount of rupiah. Write %(plain)s or %(grouped)s.'
        ),
        "amount_too_large": _('%(key)s "%(text)s" is too much: at most %(most)s. Are there zeros too many?'),
        "amount_too_small": _('%(key)s "%(text)s" is too little: at least %(least)s. Are the thousands missing?'),
        "not_percent": _('%(key)s "%(text)s" is not a share from %(least)s%% to 100%%. Write for example 50%%.'),
        "not_count": _('%(key)s "%(text)s" is not a whole number from %(least)s to %(most)s.'),
        "not_pay_until": _(
            '%(key)s "%(text)s" is not understood. Write tutup (when orders close), or for example 2 hari setelah tutup.'
        ),
        "not_balance": _(
            '%(key)s "%(text)s" is not understood. Write sebelum kirim (before shipping), or for example 3 hari setelah siap (3 days after ready) or 7 hari setelah tutup (7 days after closing).'
        ),
        "balance_without_deposit": _(
            "%(key)s says when the rest is due, but all is due at once: there is no rest. Add a deposit (dp), or take %(key)s out."
        ),
        "not_hours": _(
            '%(key)s "%(text)s" is not a time from %(least)s to %(most)s hours. Write for example 24 jam, 2 hari or 24 hours.'
        ),
        "not_days": _('%(key)s "%(text)s" is not a number of days up to %(most)s. Write for example 7 hari or 7 days.'),
        "not_day_span": _(
            '%(key)s "%(text)s" is not a span of days. Write for example 7-10 hari setelah tutup or 7-10 days.'
        ),
        "not_weight": _('%(key)s "%(text)s" is not a weight. Write for example 250 g or 1,5 kg.'),
        "not_slug": _('%(key)s "%(text)s" is not possible in an address. Use only a-z, 0-9 and single hyphens.'),
        "not_slug_suggested": _('%(key)s "%(text)s" is not possible in an address. Write %(suggestion)s.'),
        "not_phone": _('%(key)s "%(text)s" is not an Indonesian mobile number. Write for example 0812-0000-1234.'),
        "not_email": _('%(key)s "%(text)s" is not an e-mail address. Write for example halo@toko.example.'),
        "not_https": _('%(key)s "%(text)s" is not an address. Write it whole, beginning with https://'),
        "not_choice": _('%(key)s "%(text)s" is not possible. Choose one of: %(choices)s.'),
        "not_date": _('%(key)s "%(text)s" is not a date. Write 2026-11-25, 2026-11-25 09.00 or 25 November 2026.'),
        "not_account_number": _(
            '%(key)s "%(text)s" is not an account number: 5 to 40 digits. Write for example 1234567890.'
        ),
        "not_link_kind": _(
            '%(key)s "%(text)s" is not possible. Write a lower-case word such as instagram, tiktok or shopee.'
        ),
        "not_prefix": _(
            '%(key)s "%(text)s" must be 2 to 4 capital letters. Order numbers begin with it, as in NST-7K2Q.'
        ),
        "not_refund": _(
            '%(key)s "%(text)s" is not a refund. Write for example 100%%, 0%%, or 50%% dari dp (50%% of deposit).'
        ),
        "photo_missing": _("The photo %(text)s does not lie beside this file."),
        "photo_missing_suggested": _("The photo %(text)s does not lie beside this file. Do you mean %(suggestion)s?"),
        "photo_outside": _("The photo %(text)s must lie in the folder of this file. Write its name only."),
        "photo_not_image": _("%(text)s is not a photo that can be read. Save it as JPG, PNG or WebP."),
        "photo_heic": _(
            "%(text)s is a HEIC photo, as iPhones take them; most browsers can't show it. Open it on the phone, share it to yourself on WhatsApp and use that one, or save it as JPG. So that the next ones are JPG: Settings, Camera, Formats, Most Compatible."
        ),
        "photo_too_large": _(
            "The photo %(text)s is too large: at most %(megapixels)s megapixels and %(megabytes)s MB. Make it smaller; 2000 pixels are enough."
        ),
        "photo_too_small": _("The photo %(text)s is too small: each side needs at least %(least)s pixels."),
    }


def _rule_sentences(_: Translate) -> dict[str, str]:
    return {
        "bad_folder_name": _(
            'The name "%(text)s" is not possible in an address. Rename it to %(suggestion)s, or write the key %(key)s.'
        ),
        "reserved_slug": _(
            'The address "%(text)s" belongs to the shop itself. Choose another %(key)s, such as %(suggestion)s.'
        ),
        "no_id_from_name": _('No %(key)s can be made of "%(text)s". Write one: a-z, 0-9 and hyphens.'),
        "id_twice": _(
            'The %(key)s "%(text)s" stands twice in this list, first in line %(first_line)s. Give one of them another %(key)s.'
        ),
        "id_taken": _(
            'The %(key)s "%(text)s" belongs to %(other)s already. Each campaign needs its own, which never changes.'
        ),
        "slug_taken": _('The address "%(text)s" belongs to %(other)s already. Give one of them another %(key)s.'),
        "former_taken": _(
            'The address "%(text)s" belongs to %(other)s: it can lead to one campaign only. Take it out of %(key)s here, or there.'
        ),
        "former_is_present": _(
            '"%(text)s" is its address now. In %(key)s stand those that it had before; take this one out.'
        ),
        "former_reserved": _(
            '"%(text)s" belongs to the shop itself, so no campaign was ever there. Take it out of %(key)s.'
        ),
        "campaign_gone": _(
            'No file of "%(text)s" was found, so its page /%(slug)s/ is taken off the site. If you did not mean that, look into its folder: the file must be called index.md.'
        ),
        "slug_lost": _(
            'Until now this campaign was at "%(text)s". Whoever has that link, in a chat or on Instagram, would find nothing: write %(key)s: [%(text)s].'
        ),
        "prefix_taken": _(
            'The %(key)s "%(text)s" belongs to %(other)s already. Choose other letters, so that order numbers differ.'
        ),
        "closes_before_opens": _("%(key)s: the closing (%(closes)s) must come after the opening (%(opens)s)."),
        "extended_and_early": _('"%(key)s" and "%(other)s" can\'t stand together. Keep the one that is meant.'),
        "extended_not_later": _(
            "%(key)s must be later than %(closes_key)s (%(closes)s), which stays as it was. To close earlier write tutup_awal or closed_early."
        ),
        "early_not_between": _(
            "%(key)s must lie between %(opens_key)s (%(opens)s) and %(closes_key)s (%(closes)s), which stays as it was. To close later write perpanjang or extended_to."
        ),
        "limit_below_minimum": _("%(key)s %(value)s is less than %(other)s (%(least)s)."),
        "choices_or_text": _(
            'Each item needs either "%(choices)s" (a list to choose from) or "%(text)s" (longest text, in characters).'
        ),
        "deposit_unused": _('"%(key)s" stands here, but %(scheme)s says that all is paid at once. Change one of them.'),
        "production_without_deposit": _('"%(key)s": production can\'t start with a deposit where all is paid at once.'),
        "seller_refund_short": _(
            "%(key)s %(text)s: when the seller cancels, the buyer gets everything back. Write 100%%, or delete the line."
        ),
        "stages_out_of_order": _(
            '"%(key)s": the stages must stand in the order closing, production, shipping, each only once.'
        ),
    }
