"""The seller's Markdown becomes HTML that is safe in every page."""

from __future__ import annotations

import re

import pytest

from storefront.markdown import Setting, split_questions, to_html


def convert(text: str, top: int = 2) -> tuple[str, list[tuple[int, str]]]:
    problems: list[tuple[int, str]] = []
    made = to_html(text, lambda line, code, **_: problems.append((line, code)), 10, Setting(top=top))
    return made, problems


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<div onclick=x>\n\n*a*\n\n</div>",
        "a <b>b</b>",
        "<img src=x onerror=alert(1)>",
        "<!-- a -->",
        "<?php x ?>",
        "<![CDATA[x]]>",
        "<svg\nonload=x>",
        "<style>p{}</style>",
    ],
)
def test_no_tag_of_hers_gets_through(text: str) -> None:
    """Tags are reported, and even then they would come out as text."""
    made, problems = convert(text)
    assert {code for _, code in problems} == {"html_in_text"}
    assert not re.search(r"<(?!/?(p|em|strong)>)", made)


@pytest.mark.parametrize(
    "text",
    ["3 < 4 dan 5 > 2", "a <3 b", "`<b>`", "```\n<script>\n```", "~~~\n<b>\n~~~", "&lt;b&gt;", "<https://a.example>"],
)
def test_signs_that_are_no_tags_are_no_problem(text: str) -> None:
    """A heart, a comparison, code and a plain link may stand there."""
    assert convert(text)[1] == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java\\script:alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript&colon;alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//lain.example", "/\\lain.example", "\\\\lain.example", "<java script:x>",
        "javascript&#58;alert(1)", "blob:x",
    ],
)  # fmt: skip
def test_no_link_runs_anything(address: str) -> None:
    """Only web, mail and telephone links, and those within the site, remain links."""
    for text in (f"[x]({address})", f"[x][a]\n\n[a]: {address}"):
        made, problems = convert(text)
        assert "href" not in made or "javascript" not in made.lower()
        assert 'href="//' not in made
        if "<a" in made:
            assert "unsafe_link" in [code for _, code in problems]
            assert "href" not in made


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/x?y=1#z",
        "http://a.example",
        "mailto:a@b.example",
        "tel:+62812",
        "/nastar/",
        "#faq",
        "nastar/",
    ],
)
def test_ordinary_links_stay(address: str) -> None:
    """What people link to is let through unchanged."""
    made, problems = convert(f"[x]({address})")
    assert f'href="{address}"' in made
    assert problems == []


def test_problems_name_their_line() -> None:
    """The line is that of the file, counted from where the text begins."""
    assert convert("a\n\n<b>\n\n[x](javascript:y)\n\n![z](z.png)")[1] == [
        (12, "html_in_text"),
        (14, "unsafe_link"),
        (16, "picture_in_text"),
    ]


def test_tables_are_aligned_without_style() -> None:
    """The content security policy forbids style attributes, and HTML no longer knows align."""
    made, problems = convert("| a | b |\n|:--|--:|\n| 1 | 2 |\n")
    assert '<td class="at-right">2</td>' in made
    assert "style" not in made
    assert "align=" not in made
    assert problems == []


def test_headings_move_below_those_of_the_page() -> None:
    """Whatever level she begins with, the highest is the one that the page has room for, and steps stay."""
    assert re.findall(r"<h(\d)>", convert("# a\n\n## b\n\n# c", top=3)[0]) == ["3", "4", "3"]
    assert re.findall(r"<h(\d)>", convert("#### a\n", top=3)[0]) == ["4"]
    assert re.findall(r"<h(\d)>", convert("# a\n\n###### b", top=4)[0]) == ["4", "6"]


def test_lists_definitions_and_notes() -> None:
    """What a description needs is there: definition lists and notes."""
    made, _ = convert('Isi\n:   Nanas\n\n!!! note "Penting"\n    Simpan kering.\n')
    assert "<dd>Nanas</dd>" in made
    assert 'class="remark remark-note"' in made


def test_a_text_of_brackets_ends() -> None:
    """Text made to exhaust the reader is refused or read, and never a traceback."""
    for text in (">" * 5000 + " a", "- " * 2000 + "a", "[" * 3000, "*" * 5000, "`" * 4000):
        convert(text)


def test_questions_end_at_the_next_one() -> None:
    """A FAQ is split at its second-level headings; one within code is no question."""
    problems: list[object] = []
    found = split_questions(
        "# FAQ\n\n## A?\n\nx\n\n### y\n\n```\n## kode\n```\n\n## B? ##\nz", lambda *args, **_: problems.append(args)
    )
    assert [(question, line) for question, _, line in found] == [("A?", 4), ("B?", 14)]
    assert "## kode" in found[0][1]
    assert problems == []
