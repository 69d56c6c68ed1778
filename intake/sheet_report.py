"""
What people read about a Google spreadsheet: each trouble with what to do about it, what connecting does, and how it
stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.comparing import Comparison
from intake.connecting import DOT_LOCALES
from intake.ledger.outbox import Waiting
from intake.settings import Settings
from intake.sheet.columns import LINES, ORDERS
from intake.sheet.connected import NOT_REFUSED, REFUSED
from intake.sheet.google_access import KeyFile, is_clock
from intake.sheet.google_headers import Unfit
from intake.sheet.google_layout import LayoutPlan, TabPlan
from intake.sheet.google_read import letters
from intake.sheet.google_survey import Survey, TabSurvey
from intake.system_words import own_words
from preorder.errors import PreorderError
from preorder.schedule import ZONES

Gettext = Callable[[str], str]


def trouble_kind(error: PreorderError) -> str:
    """Give which sentence of troubles() an error calls for; "" for none of them."""
    fields = error.fields
    kinds: Mapping[str, Callable[[], str]] = {
        "sheet_key_wrong": lambda: "key_clock" if is_clock(error) else f"key_{fields.get('reason')}",
        "sheet_not_shared": lambda: "shared_for_reading" if fields.get("writing") else "not_shared",
        "sheet_away": lambda: "no_network" if fields.get("reason") == "connection" else "google_fails",
        "sheet_address_wrong": lambda: f"address_{fields['reason']}",
        "sheet_column_unfit": lambda: f"column_{fields['reason']}",
        "sheet_column_unknown": lambda: "ours_unknown" if fields["ours"] else "column_unknown",
    }
    kind = kinds.get(error.code, lambda: error.code.removeprefix("sheet_"))()
    return kind if kind in troubles(str) else ""


def trouble(error: PreorderError, _: Gettext) -> str:
    """Give what a person reads for an error about a Google spreadsheet: what is wrong, and what to do."""
    kind = trouble_kind(error)
    if not kind:
        return str(error)
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in error.fields.items()
    }
    if "reason" in shown:
        shown["reason"] = own_words(str(shown["reason"]), _)
    return troubles(_)[kind] % shown


def troubles(_: Gettext) -> Mapping[str, str]:
    """Give every sentence about what can go wrong, by its kind."""
    return {
        "key_unset": _(
            "GOOGLE_APPLICATION_CREDENTIALS is not set: the shop has no key to Google. Make one as described above, and write its path into .env."
        ),
        "key_missing": _(
            "There is no file %(path)s. Write into GOOGLE_APPLICATION_CREDENTIALS where the key's file lies."
        ),
        "key_unreadable": _("The key's file %(path)s can't be opened. Give the account that the shop runs under the right to read it."),
        "key_not_json": _(
            "%(path)s is not the key's file: what was downloaded is a text that begins with a curly bracket. Download it again, and don't open and save it in an office program."
        ),
        "key_client": _(
            "%(path)s is the key of an OAuth client, and the shop needs that of a service account: in the console under IAM & Admin, Service accounts, Keys, Add key, JSON."
        ),
        "key_user": _(
            "%(path)s is a person's own login, and the shop needs the key of a service account: in the console under IAM & Admin, Service accounts, Keys, Add key, JSON."
        ),
        "key_other": _(
            "%(path)s is not the key of a service account. In the console choose the service account, Keys, Add key, Create new key, JSON, and take the file that is downloaded."
        ),
        "key_refused": _(
            "Google doesn't accept the key %(path)s any more: it was deleted, has expired, or its service account is gone. Make a new key for the service account, and put it in the place of the old one."
        ),
        "key_clock": _(
            "Google doesn't accept the key, because this machine's clock is wrong. Set the clock, best by the network, and try again."
        ),
        "api_off": _(
            "The Google Sheets API is switched off in the project that the key belongs to. In the console search for Google Sheets API, press Enable, and try again after a minute."
        ),
        "not_shared": _(
            "The spreadsheet is not shared with the shop. Open it, press Share, type %(account)s, choose Editor, and press Send."
        ),
        "shared_for_reading": _(
            "The shop may read the spreadsheet and not write. Open it, press Share, and make %(account)s an Editor instead of a Viewer."
        ),
        "gone": _(
            "Google knows no spreadsheet with this address. Was it deleted, or the address cut when it was copied? Look into the trash of Google Drive, or copy the address from the browser once more."
        ),
        "office_file": _(
            "This is an Excel file that Google only shows. Open it, choose File, Save as Google Sheets, and take the address of the spreadsheet that opens then."
        ),
        "address_published": _(
            "%(text)s leads to a published copy that nobody can write to. Open the spreadsheet itself and copy its address from the browser."
        ),
        "address_form": _(
            "%(text)s is a form. Open the spreadsheet that you want the orders in, and copy its address from the browser."
        ),
        "address_document": _("%(text)s is not a spreadsheet. Open the spreadsheet and copy its address from the browser."),
        "address_drive": _(
            "%(text)s leads to a folder or a file in Google Drive. Open the spreadsheet itself: its address begins with https://docs.google.com/spreadsheets/d/."
        ),
        "address_short": _("%(text)s is a short link. Open it, and copy the address that the browser shows then."),
        "address_other": _(
            "%(text)s is not the address of a Google spreadsheet. It looks like this: https://docs.google.com/spreadsheets/d/1AbC.../edit"
        ),
        "no_network": _("Google can't be reached from this machine. Check the network, and try again."),
        "google_fails": _("Google doesn't answer as it should (%(reason)s). Nothing was changed. Try again in a few minutes."),
        "in_doubt": _(
            "Google's answer got lost (%(reason)s), so it isn't known whether it was done. Run the same command again: it looks first, and does what is still lacking."
        ),
        "paced": _("Google allows no more for the moment. Wait a minute, and try again."),
        "protected": _(
            "A protected range of yours covers cells that the shop fills. Open Data, Protect sheets and ranges, and add %(account)s to those who may edit it."
        ),
        "refused": _("Google refuses what was asked for: %(reason)s. If it happens again, report this line."),
        "tab_missing": _('The tab "%(tab)s" is gone. Bring it back, or let it be made: flask --app intake sheet connect'),
        "tab_twice": _(
            'Several tabs could be meant: %(titles)s. Say which one: flask --app intake sheet connect --tab "..."'
        ),
        "header_missing": _(
            'In the tab "%(tab)s" these headers are missing: %(columns)s. Write them into the header row again, or let the columns be added: flask --app intake sheet connect'
        ),
        "header_twice": _(
            'In the tab "%(tab)s" these headers stand twice: %(columns)s. Rename or delete the ones that are too many.'
        ),
        "header_unknown": _(
            'In the tab "%(tab)s" no header row was found. Say which of your columns is which, for example --map "No HP=WhatsApp", or let the shop have tabs of its own: --beside'
        ),
        "too_large": _('The tab "%(tab)s" has %(rows)s rows of orders; %(ceiling)s is the most. Begin a new spreadsheet and connect it.'),
        "changing": _("The spreadsheet was changed again and again while it was looked at. Try again in a moment."),
        "column_unknown": _('There is no column "%(text)s" in your tab. Write its header exactly as it stands there: --map "No HP=WhatsApp"'),
        "ours_unknown": _('The shop has no column "%(text)s". Its columns are listed in docs/google-sheet.md.'),
        "column_formulas": _(
            'Your column "%(header)s" holds formulas, and the shop would type over them: it can\'t be %(column)s. It stays yours.'
        ),
        "column_boxes": _('Your column "%(header)s" holds boxes to tick, so it can\'t be %(column)s. It stays yours.'),
        "column_words": _(
            'Your column "%(header)s" holds other words than the shop\'s statuses, so it can\'t be %(column)s. It stays yours.'
        ),
        "column_choices": _(
            'The drop-down of your column "%(header)s" lacks the shop\'s statuses, so it can\'t be %(column)s. It stays yours.'
        ),
        "column_numbers": _(
            'Your column "%(header)s" holds order numbers of your own, so it can\'t be %(column)s. It stays yours.'
        ),
        "column_twice": _(
            'The header "%(header)s" stands more than once, so it can\'t be told which one is %(column)s. Rename one of them.'
        ),
    }  # fmt: skip


def how_to(_: Gettext, account: str = "") -> list[str]:
    """
    Give the way from nothing to a shared spreadsheet, one step a line.

    Args:
        account: of the key, where there is one already; then only the sharing is left.
    """
    key = [
        _("Open https://console.cloud.google.com in a browser, sign in with a Google account, and make a project; any name will do."),
        _("Search there for Google Sheets API, and press Enable."),
        _("Open IAM & Admin, Service accounts, and press Create service account. Any name will do; it needs no roles. Press Done."),
        _("Click on the new service account, then Keys, Add key, Create new key, JSON. A file is downloaded: it is the key, so give it to nobody."),
        _("Put the file into the shop's data folder, for example as data/google-key.json, and run: chmod 600 data/google-key.json"),
        _("Write into the file .env: GOOGLE_APPLICATION_CREDENTIALS=data/google-key.json"),
    ]  # fmt: skip
    share = [
        _("Open your spreadsheet, press Share, type %s, choose Editor, untick Notify people, and press Share.")
        % (account or _("the address that stands in the key's file as client_email")),
        _('Copy the spreadsheet\'s address from the browser, and run: flask --app intake sheet connect "ADDRESS"'),
    ]
    steps = share if account else [*key, *share]
    return [f"{number}. {step}" for number, step in enumerate(steps, start=1)]


def key_lines(key: KeyFile, _: Gettext) -> list[tuple[str, str]]:
    """Give (mark, line) about a key that can be used; see check marks of `doctor`."""
    lines = [("ok", _("Key: %(path)s, of %(account)s") % {"path": key.path, "account": key.account})]
    if key.mode:
        said = {"path": key.path, "mode": key.mode}
        lines.append(("!!", _("Others on this machine can read the key %(path)s (mode %(mode)s). Run: chmod 600 %(path)s") % said))  # fmt: skip
    return lines


def file_lines(
    survey: Survey, language: str, zone: str, _: Gettext, *, proved: bool = False, locale: str = ""
) -> list[tuple[str, str]]:
    """
    Give (mark, line) about the spreadsheet as a whole: its name, how it reads amounts, its time zone.

    Args:
        proved: whether writing was tried.
        locale: that will be set, "" for none.
    """
    named = _('Spreadsheet: "%s", the shop may read and write it') if proved else _('Spreadsheet: "%s"')
    lines = [("ok", named % survey.title)]
    if not locale:
        lines.append(_locale_line(survey, language, _))
    if zone and survey.zone and not _same_hours(zone, survey.zone):
        said = {"theirs": survey.zone, "ours": zone}
        lines.append(("--", _("Time zone: %(theirs)s, the shop's is %(ours)s. The shop writes times as text in its own; only your formulas with NOW() differ.") % said))  # fmt: skip
    elif survey.zone:
        lines.append(("ok", _("Time zone: %s") % survey.zone))
    return lines


def _same_hours(ours: str, theirs: str) -> bool:
    """Say whether clocks of the shop's zone ("WIB") and of a spreadsheet's ("Asia/Jakarta") show the same."""
    now = datetime.now(UTC)
    try:
        return ZONES[ours].utcoffset(now) == now.astimezone(ZoneInfo(theirs)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        # A name that this machine's list doesn't have, or no list at all.
        return False


def _locale_line(survey: Survey, language: str, _: Gettext) -> tuple[str, str]:
    if survey.locale in DOT_LOCALES:
        return "ok", _("Locale: %s, so 150.000 is a hundred and fifty thousand") % survey.locale
    said = {"locale": survey.locale}
    if language == "id":
        return "!!", _("Locale: %(locale)s. Typed there, 150.000 becomes 150, and is asked back. Choose File, Settings, Locale: Indonesia; or run: flask --app intake sheet connect --locale") % said  # fmt: skip
    return "--", _("Locale: %(locale)s. Type amounts without points, 150000: a typed 150.000 may become 150.") % said


def locale_refused(_: Gettext) -> str:
    """Give what is told where Google does not let us set the locale."""
    return _("Google didn't let the shop set the locale. Do it yourself: File, Settings, Locale: Indonesia.")


def verdict_line(verdict: str, _: Gettext) -> tuple[str, str]:
    """Give (mark, line) about what the probe found."""
    if verdict == REFUSED:
        return "ok", _("Google refuses a write that is done already: tried in this spreadsheet.")
    if verdict == NOT_REFUSED:
        return "--", _("Google does not refuse a write that is done already: after a lost answer the shop waits 200 seconds before it writes again.")  # fmt: skip
    return "--", _("Not tried yet whether Google refuses a write that is done already; it is taken for granted. Try it: flask --app intake sheet probe")  # fmt: skip


def plan_lines(layout: LayoutPlan, survey: Survey, language: str, _: Gettext) -> list[str]:
    """Give what connecting will do, and what it leaves alone."""
    if not layout.requests:
        return [_("Everything is there already; nothing is changed.")]
    lines = [_('This will be done in "%s":') % survey.title]
    if layout.locale:
        said = {"locale": layout.locale, "before": survey.locale}
        lines.append("  + " + _("The locale becomes %(locale)s (Indonesia) instead of %(before)s.") % said)
    for tab in layout.tabs:
        lines += _tab_lines(tab, language, _)
    names = [tab.title for tab in survey.tabs if all(tab.title != each.title for each in layout.tabs)]
    if names:
        lines.append("  = " + _("Not touched: %s") % ", ".join([*names, *survey.objects]))
    return lines


def _tab_lines(tab: TabPlan, language: str, _: Gettext) -> list[str]:
    if tab.made:
        said: dict[str, object] = {"tab": tab.title, "count": len(tab.added)}
        said["what"] = ", ".join(_dressed(_)[code] for code in tab.dressed)
        return ["  + " + _('A new tab "%(tab)s" with %(count)s columns, and on them: %(what)s.') % said]
    lines = []
    if tab.added:
        first, last = letters(tab.at), letters(tab.at + len(tab.added) - 1)
        said = {"tab": tab.title, "columns": ", ".join(tab.added), "first": first, "last": last}
        lines.append("  + " + _('Tab "%(tab)s": new columns to the right of yours, %(first)s to %(last)s: %(columns)s') % said)  # fmt: skip
    if tab.dressed:
        said = {"tab": tab.title, "what": ", ".join(_dressed(_)[code] for code in tab.dressed)}
        lines.append("  + " + _('Tab "%(tab)s", on the shop\'s own columns: %(what)s.') % said)
    if tab.marked:
        said = {"tab": tab.title, "rows": tab.marked}
        lines.append("  + " + _('Tab "%(tab)s": your %(rows)s rows get a mark in the shop\'s column of order numbers, so that they are not taken for new orders.') % said)  # fmt: skip
    if tab.taken:
        pairs = ", ".join(hers if hers == ours else f"{hers} ({ours})" for hers, ours in tab.taken)
        lines.append("  = " + _('Tab "%(tab)s": new orders use these columns of yours, as they are: %(columns)s') % {"tab": tab.title, "columns": pairs})  # fmt: skip
    lines += ["  = " + unfit_line(each, tab, language, _) for each in tab.unfit]
    if tab.left:
        said = {"tab": tab.title, "columns": ", ".join(tab.left)}
        lines.append("  = " + _('Tab "%(tab)s": these columns stay yours alone: %(columns)s') % said)
    return lines + [f"  ! {line}" for line in filter_lines([tab], _)]


def _dressed(_: Gettext) -> Mapping[str, str]:
    return {
        "formats": _("formats"),
        "list": _("the drop-down of statuses"),
        "colours": _("colours by status"),
        "warning": _("a warning before columns of the shop are edited"),
        "frozen": _("the header row stays in sight"),
        "notes": _("notes on the headers"),
    }


def unfit_line(unfit: Unfit, tab: TabPlan, language: str, _: Gettext) -> str:
    """Give why a column of hers is not used."""
    ours = tab.tab.column(unfit.code).headers[language]
    return troubles(_)[f"column_{unfit.reason}"] % {"header": unfit.header, "column": ours}


def filter_lines(tabs: Sequence[TabPlan], _: Gettext) -> list[str]:
    """Give the warning about a filter that would sort only a part of each row."""
    text = _('The filter of the tab "%s" ends before the shop\'s columns. Sorting with it would tear rows apart: switch it off (Data, Remove filter) and on again before you sort.')  # fmt: skip
    return [text % tab.title for tab in tabs if tab.filter_short]


def similar_lines(tabs: Sequence[TabSurvey], _: Gettext) -> list[str]:
    """Give how one of her own tabs could be used instead."""
    return [
        _('Your tab "%(tab)s" looks like a list of orders. To have new orders in it: --tab "%(tab)s"')
        % {"tab": tab.title}
        for tab in tabs
    ]


def after_lines(settings: Settings, spreadsheet: str, _: Gettext) -> list[str]:
    """Give how to go on once a spreadsheet is connected."""
    if settings.google_sheet == spreadsheet:
        return [_("ETALASE_SHEET names this spreadsheet already. Start the shop, if it isn't running: make run")]
    still = _("All orders that are still alive are written into the new spreadsheet; the old one stays as it is, and isn't read any more.")  # fmt: skip
    return [
        _("Now write this line into the file .env:"),
        "",
        f"    ETALASE_SHEET=google:{spreadsheet}",
        "",
        _("Then end the shop and start it again: make run"),
        still,
    ]


def layout_lines(layout: LayoutPlan, language: str, _: Gettext) -> list[tuple[str, str]]:
    """Give (mark, line) about tabs and headers as they stand; what connecting would do is what is lacking."""
    lines: list[tuple[str, str]] = []
    for tab in layout.tabs:
        said: dict[str, object] = {"tab": tab.title, "columns": ", ".join(tab.added), "row": tab.row}
        if tab.made:
            lines.append(("!!", _('The tab "%(tab)s" is not there. Let it be made: flask --app intake sheet connect') % said))  # fmt: skip
            continue
        if tab.added:
            lines.append(("!!", troubles(_)["header_missing"] % said))
        else:
            lines.append(("ok", _('Tab "%(tab)s": every column is there, the headers stand in row %(row)s') % said))
        if tab.dressed:
            said["what"] = ", ".join(_dressed(_)[code] for code in tab.dressed)
            lines.append(("--", _('Tab "%(tab)s" lacks: %(what)s. Let it be put on: flask --app intake sheet connect') % said))  # fmt: skip
        lines += [("--", unfit_line(each, tab, language, _)) for each in tab.unfit if not tab.made]
    return lines + [("--", line) for line in filter_lines(layout.tabs, _)]


def pace_line(calls: float, poll_s: float, _: Gettext) -> tuple[str, str]:
    """Give (mark, line) about how often Google is asked."""
    said = {"calls": round(calls), "seconds": round(poll_s)}
    return "ok", _("The shop looks every %(seconds)s seconds, and asks Google at most %(calls)s times a minute; 60 are allowed.") % said  # fmt: skip


def waiting_line(waiting: Waiting, _: Gettext) -> tuple[str, str]:
    """Give (mark, line) about the orders that are not in the sheet yet."""
    if waiting.since is None:
        return "ok", _("Every order stands in the sheet.")
    return "--", _("%(rows)s orders wait to be written to the sheet. Last trouble: %(error)s.") % {
        "rows": waiting.rows,
        "error": waiting.error or "-",
    }


def comparison_lines(found: Comparison, language: str, _: Gettext) -> list[tuple[str, str]]:
    """Give (mark, line) about what differs between sheet and ledger."""
    lines = []
    if found.duplicates:
        lines.append(("!!", _("These orders stand more than once: %s. Delete the copy of each row; until then neither is updated.") % ", ".join(found.duplicates)))  # fmt: skip
    if found.missing:
        lines.append(("!!", _("These orders are missing in the sheet: %s") % ", ".join(found.missing)))
    for ref, codes in sorted(found.differing.items()):
        columns = ", ".join(_column_name(code, language) for code in codes)
        lines.append(("!!", _("Order %(ref)s shows something else than the ledger has in: %(columns)s") % {"ref": ref, "columns": columns}))  # fmt: skip
    for ref, row in found.unknown:
        lines.append(("--", _("Row %(row)s: the shop knows no order %(ref)s. The row is left alone.") % {"ref": ref, "row": row}))  # fmt: skip
    if found.waiting:
        lines.append(("--", _("%s orders are on their way to the sheet; they were not compared.") % len(found.waiting)))
    if not lines or not (found.repairable or found.duplicates):
        lines.insert(0, ("ok", _("%s orders compared: the sheet shows what the ledger has.") % found.compared))
    elif found.repairable:
        lines.append(("--", _("To have them written again: flask --app intake sheet reconcile --repair")))
    return lines


def _column_name(code: str, language: str) -> str:
    return LINES.titles[language] if code == LINES.code else ORDERS.column(code).headers[language]
