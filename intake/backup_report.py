"""What an operator reads after a backup or a restore."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from intake.backup import Made
from intake.checkup import listed, sentence
from intake.reconcile import Reconciled
from intake.restore import Restored
from intake.settings import Settings

Gettext = Callable[[str], str]


def backup_lines(made: Made, settings: Settings, _: Gettext) -> Iterator[str]:
    """Say where a backup is and what else must be kept with it."""
    yield _("Backup: %s") % made.path.absolute()
    yield _("%(orders)s orders, %(size)s kB, %(seconds)s s") % {
        "orders": made.counted.orders,
        "size": -(-made.size // 1000),
        "seconds": f"{made.took_s:.1f}",
    }
    if made.key is not None:
        yield _("The secret key lies beside it: %s. Copy both to another machine.") % made.key.absolute()
    elif settings.secret_key:
        yield _("Keep the value of ETALASE_SECRET_KEY somewhere safe as well: buyers' links rest on it.")


def restore_lines(done: Restored, file: Path | None, _: Gettext) -> Iterator[str]:
    """Say what was restored, what the sheet added, and whether the shop is open."""
    if done.loaded is not None:
        yield _("Restored: %(file)s, %(orders)s orders") % {"file": file, "orders": done.loaded.orders}
    if done.aside is not None:
        yield _("The ledger that was there is kept: %s") % done.aside.absolute()
    if done.reconciled is not None:
        yield from _reconciled_lines(done.reconciled, _)
    for deficit in done.deficits:
        yield _("%(campaign)s, round %(round)s, %(pool)s: %(sold)s sold of %(quota)s. No more can be sold.") % {
            "campaign": deficit.campaign_id, "round": deficit.round, "pool": deficit.pool_id, "sold": deficit.sold, "quota": deficit.quota,
        }  # fmt: skip
    for violation in done.violations:
        yield _("The ledger holds what it must not: %s. Run: flask --app intake doctor --deep") % violation
    if done.trouble is not None:
        yield _("The workbook could not be read: %s") % sentence(done.trouble, _)
        yield _(
            "Nor are requests in the ledger (waitlist, reminders, offers) that came after the backup: look for them in the sheet."
        )
    newest = f"{done.newest_at:%Y-%m-%d %H:%M} UTC" if done.newest_at else "-"
    if not done.is_open:
        yield _("The shop stays closed until that is settled. Then run: flask --app intake restore --reconcile")
        yield _(
            "Or open it as it is, with %(orders)s orders, the newest of %(newest)s: what was ordered later is then sold a"
            " second time. flask --app intake restore --reconcile --open-without-sheet"
        ) % {"orders": done.orders, "newest": newest}
    elif done.trouble is not None:
        yield _(
            "The shop is open with %(orders)s orders, the newest of %(newest)s. What was ordered later is not counted:"
            " compare with the workbook and with the account, and lower the quotas where it is needed."
        ) % {"orders": done.orders, "newest": newest}
    else:
        yield _("The shop is open again, with %s orders. Start it as always.") % done.orders


def _reconciled_lines(done: Reconciled, _: Gettext) -> Iterator[str]:
    told = (
        (done.imported, _("Made again from the workbook: %s")),
        (done.moved, _("Brought to where the workbook shows them: %s")),
        (done.erased, _("Their buyers' data had been erased, and was erased again: %s")),
        (done.bounced, _("In part not carried out, the row says why: %s")),
        ([f"{ref} ({code})" for ref, code in done.doubts], _("Made again, but look at them: %s")),
        (done.duplicates, _("They stand twice in the workbook; delete one row of each: %s")),
        (done.foreign, _("Another buyer stands in the row of these orders; put the numbers right: %s")),
        (done.wrong_refs, _("No order has such a number; put it right, or delete the row: %s")),
        (
            [f"{ref} ({reason})" for ref, reason in done.unread],
            _("They can't be made again from their row; put right what is missing, or delete the row: %s"),
        ),
    )
    for refs, text in told:
        if refs:
            yield text % listed(refs)
    if done.enquiries:
        yield _(
            "These asked after the backup (waitlist, reminder or offer), and the shop doesn't know them any more: %s. Their own pages"
            " don't open. Their rows stay in the sheet with name and number: write to them from there, and delete each row when it is done."
        ) % listed([ref for refs in done.enquiries.values() for ref in refs])  # fmt: skip
    for title in done.unread_tabs:
        yield (
            _(
                "The tab %s could not be read, so nobody says which requests in it came after the backup. Put its headers right; doctor names them then."
            )
            % title
        )
