"""
Rupiah, dates and states as people read them, in Indonesian and English. Data and plain functions; sentences live in the
translations.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from preorder.enquiries import EnquiryStatus
from preorder.payment import PaymentState
from preorder.schedule import ZONES
from preorder.status import Status

LANGUAGES: Final = ("id", "en")

MONTHS: Final = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
SHORT_MONTHS: Final = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
WEEKDAYS: Final = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

S, P = Status, PaymentState

STATUS_LABELS: Final = {
    "id": {
        S.WAITLISTED: "Daftar tunggu",
        S.OFFERED: "Ditawari",
        S.AWAITING_PAYMENT: "Menunggu pembayaran",
        S.PAYMENT_CLAIMED: "Menunggu verifikasi",
        S.DEPOSIT_PAID: "DP diterima",
        S.PAID: "Lunas",
        S.IN_PRODUCTION: "Diproduksi",
        S.READY: "Siap",
        S.PARTLY_SHIPPED: "Dikirim sebagian",
        S.SHIPPED: "Dikirim",
        S.READY_FOR_PICKUP: "Siap diambil",
        S.COMPLETED: "Selesai",
        S.EXPIRED: "Kedaluwarsa",
        S.CANCELLED_BY_BUYER: "Batal (pembeli)",
        S.CANCELLED_BY_SELLER: "Batal (penjual)",
        S.FORFEITED: "Hangus",
    },
    "en": {
        S.WAITLISTED: "Waitlisted",
        S.OFFERED: "Offered",
        S.AWAITING_PAYMENT: "Awaiting payment",
        S.PAYMENT_CLAIMED: "Payment claimed",
        S.DEPOSIT_PAID: "Deposit paid",
        S.PAID: "Paid",
        S.IN_PRODUCTION: "In production",
        S.READY: "Ready",
        S.PARTLY_SHIPPED: "Partly shipped",
        S.SHIPPED: "Shipped",
        S.READY_FOR_PICKUP: "Ready for pickup",
        S.COMPLETED: "Completed",
        S.EXPIRED: "Expired",
        S.CANCELLED_BY_BUYER: "Cancelled by buyer",
        S.CANCELLED_BY_SELLER: "Cancelled by seller",
        S.FORFEITED: "Forfeited",
    },
}

# What the sheet's tabs and an enquiry's page say of it.
ENQUIRY_LABELS: Final = {
    "id": {
        EnquiryStatus.WAITING: "Menunggu",
        EnquiryStatus.ANSWERED: "Dijawab",
        EnquiryStatus.DECLINED: "Tidak bisa",
        EnquiryStatus.LEFT: "Keluar",
    },
    "en": {
        EnquiryStatus.WAITING: "Waiting",
        EnquiryStatus.ANSWERED: "Answered",
        EnquiryStatus.DECLINED: "Declined",
        EnquiryStatus.LEFT: "Left",
    },
}

PAYMENT_LABELS: Final = {
    "id": {
        P.UNPAID: "Belum bayar",
        P.CLAIMED: "Perlu dicek",
        P.SHORT: "Kurang",
        P.DEPOSIT: "DP",
        P.PAID: "Lunas",
        P.OVERPAID: "Lebih bayar",
        P.REFUND_DUE: "Perlu dikembalikan",
        P.REFUNDED: "Sudah dikembalikan",
    },
    "en": {
        P.UNPAID: "Unpaid",
        P.CLAIMED: "To be checked",
        P.SHORT: "Short",
        P.DEPOSIT: "Deposit",
        P.PAID: "Paid",
        P.OVERPAID: "Overpaid",
        P.REFUND_DUE: "Refund due",
        P.REFUNDED: "Refunded",
    },
}

CHANNEL_LABELS: Final = {
    "id": {
        "instagram": "Instagram",
        "tiktok": "TikTok",
        "whatsapp": "WhatsApp",
        "friend": "Teman",
        "other": "Lainnya",
    },
    "en": {
        "instagram": "Instagram",
        "tiktok": "TikTok",
        "whatsapp": "WhatsApp",
        "friend": "A friend",
        "other": "Somewhere else",
    },
}


def show_channel(channel: str, language: str) -> str:
    """Give where a buyer heard of the shop: a code of preorder.shop.CHANNELS in words, the seller's own words as they are."""
    return CHANNEL_LABELS[language].get(channel, channel)


def parse_channel(text: str) -> str:
    """Give what show_channel() has shown, in either language: the code, or the seller's own words."""
    wanted = " ".join(text.split()).casefold()
    for labels in CHANNEL_LABELS.values():
        for channel, label in labels.items():
            if wanted in {label.casefold(), channel}:
                return channel
    return text


def parse_status(text: str) -> Status | None:
    """Read a label of either language, in any case and with extra blanks; None where it is no status."""
    wanted = " ".join(text.split()).casefold()
    for labels in STATUS_LABELS.values():
        for status, label in labels.items():
            if label.casefold() == wanted:
                return status
    return None


def show_rupiah(amount: int) -> str:
    """
    Give 1250000 as "Rp1.250.000" and -2000 as "-Rp2.000". The same in every language: it is how prices are written in
    Indonesia.
    """
    digits = f"{abs(amount):,}".replace(",", ".")
    return f"-Rp{digits}" if amount < 0 else f"Rp{digits}"


def show_date(day: date, language: str) -> str:
    """Give "Minggu, 22 November 2026"."""
    return f"{WEEKDAYS[language][day.weekday()]}, {day.day} {MONTHS[language][day.month - 1]} {day.year}"


def show_short_date(day: date, language: str) -> str:
    """Give "22 Nov"."""
    return f"{day.day} {SHORT_MONTHS[language][day.month - 1]}"


def show_date_range(first: date, last: date, language: str) -> str:
    """Give "3-10 Desember 2026", as short as months and years allow, with an en dash."""
    return "".join(date_range_parts(first, last, language))


def date_range_parts(first: date, last: date, language: str) -> tuple[str, str, str]:
    """Give a range of days as show_date_range does, apart: first day, dash, last day; of a single day only the last."""
    end = f"{last.day} {MONTHS[language][last.month - 1]} {last.year}"
    if first == last:
        return "", "", end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}", "\N{EN DASH}", end
    start = f"{first.day} {MONTHS[language][first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return start, " \N{EN DASH} ", end


def show_time(instant: datetime, zone: str, language: str) -> str:
    """Give "13.05 WIB" (Indonesian) or "13:05 WIB" (English)."""
    local = instant.astimezone(ZONES[zone])
    colon = "." if language == "id" else ":"
    return f"{local.hour:02}{colon}{local.minute:02} {zone}"


def show_instant(instant: datetime, zone: str, language: str) -> str:
    """Give "Minggu, 22 November 2026 13.05 WIB"."""
    return f"{show_date(instant.astimezone(ZONES[zone]).date(), language)} {show_time(instant, zone, language)}"


def show_end(instant: datetime, zone: str, language: str) -> str:
    """
    Give the end of a window as people say it: midnight belongs to the day before, "Kamis, 10 Desember 2026 24.00 WIB".

    In English midnight has no 24:00, so it is "Thursday, 10 December 2026 23:59 WIB".
    """
    local = instant.astimezone(ZONES[zone])
    if local.hour or local.minute:
        return show_instant(instant, zone, language)
    eve = local.date() - timedelta(days=1)
    return f"{show_date(eve, language)} {'24.00' if language == 'id' else '23:59'} {zone}"
