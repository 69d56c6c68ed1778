"""A FAQ that refuses in two halves: the question names it ("Bisakah ditukar?"), the answer says no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from storefront.linting import words
from storefront.linting.clauses import shortened
from storefront.linting.reading import Sentence
from storefront.origin import Part
from storefront.problems import Problem

_ASKED = (
    ("no_returns", words.compile(r"\b(?:bisa\w*|boleh\w*|dapat\w*|apakah|can|may)\b(?: \S+){0,6}? (?:ditukar|tukar|retur|diretur|dikembalikan|mengembalikan|menukar|penukaran)\b")),
    ("no_refund", words.compile(r"\b(?:bisa\w*|boleh\w*|dapat\w*|apakah|ada)\b(?: \S+){0,6}? (?:refund|uang kembali|(?:uang|dana|dp)(?:\S*)?(?: \S+){0,2}? (?:kembali|dikembalikan)|pengembalian (?:uang|dana))\b")),
    ("no_cancelling", words.compile(r"\b(?:bisa\w*|boleh\w*|dapat\w*|apakah)\b(?: \S+){0,6}? (?:dibatalkan|batal|cancel|membatalkan|dicancel)\b")),
)  # fmt: skip
_NO = words.compile(
    r"^(?:mohon )?(?:maaf |mohon maaf |sorry )?(?:kak |sis |bun )?(?:tidak|no)(?: (?:bisa|dapat|boleh|ada|menerima|melayani)(?: ya| kak| ka)*)?(?: dengan alasan apapun)?$"
)
# Where the question itself says when, the answer is about that case alone.
_CASE = words.compile(
    r"\b(?:setelah|sudah|kalau|bila|jika|apabila|lewat|tidak pas|tidak cocok|berubah pikiran|salah|kekecilan|kebesaran|dipakai|dengan uang|dengan produk lain|di marketplace)\b"
)
_SOFTENED = words.compile(
    r"\b(?:kecuali|namun|tetapi|tapi|hanya|rusak|cacat|salah kirim|kami bantu|kami ganti|kesalahan kami)\b"
)


def find_answers(sentences: Sequence[Sentence]) -> Iterator[Problem]:
    """Give a finding for each answer that is a bare no to a question that deserves more."""
    answers = (sentence for sentence in sentences if sentence.part is Part.FAQ and sentence.question)
    for (_, question), group in groupby(answers, key=lambda sentence: (sentence.file, sentence.question)):
        answer = list(group)
        if not _NO.search(answer[0].plain) or _CASE.search(question):
            continue
        if any(_SOFTENED.search(sentence.plain) for sentence in answer):
            continue
        for code, asked in _ASKED:
            if asked.search(question):
                yield Problem(answer[0].file, answer[0].line, code, {"quote": shortened(answer[0].shown)})
                break
