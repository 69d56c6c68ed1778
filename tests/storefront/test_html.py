"""HTML in texts: refused unless the shop allows it, and then cleaned, with a word on everything that is taken out."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from storefront.builder import Job, build
from storefront.markdown import Setting, to_html
from storefront.problems import ContentErrors
from tests.storefront.content_makers import CHECKOUT, NOW, edit, line_of, make_job, write

NASTAR = "campaigns/nastar/index.md"
BODY = "Nastar **lembut**."


def convert(text: str) -> tuple[str, list[tuple[int, str]]]:
    told: list[tuple[int, str]] = []

    def report(line: int, code: str, **_: object) -> None:
        told.append((line, code))

    return to_html(text, report, 10, Setting(html=report)), told


def allow(job: Job) -> Job:
    edit(job.content / "shop.md", "sejak: 2019\n", "sejak: 2019\nhtml: ya\n")
    return replace(job, templates=CHECKOUT / "templates")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<div><script>alert(1)</script></div>",
        "a <script src=//x.example/a.js></script> b",
        "<style>p{display:none}</style>",
        '<p style="position:fixed" onclick="alert(1)">a</p>',
        "<img src=https://x.example/a.png onerror=alert(1)>",
        "<img src=/assets/a.png alt=a>",
        '<iframe src="https://x.example/"></iframe>',
        "<form action=https://x.example/><input name=a><button>b</button></form>",
        '<object data="a"></object><embed src="a">',
        "<svg onload=alert(1)><a href=javascript:alert(1)>x</a></svg>",
        '<math><mtext><style><img src=x onerror="alert(1)"></style></mtext></math>',
        '<link rel="stylesheet" href="https://x.example/a.css"><meta http-equiv="refresh" content="0">',
        '<base href="https://x.example/">',
        "<h1>Besar</h1>",
        '<p class="order-bar" id="order">a</p>',
        '<div\nonmouseover="alert(1)">a</div>',
        "    <div>\n<video src=a></video>\n</div>\n\n<video src=b></video>",
        "<details><summary>a</summary><template><script>x</script></template></details>",
    ],
)
def test_what_runs_loads_or_posts_is_taken_out_and_told(text: str) -> None:
    """Whatever is tried: no script, style, event, frame, form, picture or name of ours is left, and each is told."""
    made, told = convert(text)
    found = re.findall(r"<[a-z][^>]*>", made)
    for tag in found:
        assert not re.match(
            r"<(script|style|iframe|form|input|button|object|embed|svg|math|img|link|meta|base|video|template|h1)\b",
            tag,
        )
        assert not re.search(r'\s(on\w+|style|src|action)=|class="order|id="order', tag)
    assert "alert(1)" not in made
    assert told
    assert {code for _, code in told} <= {"html_taken_out", "attribute_taken_out"}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "java&#10;script:alert(1)", "data:text/html,x", "//x.example/"]
)
def test_no_link_in_html_runs_anything(address: str) -> None:
    """The same links are taken out that Markdown refuses."""
    made, told = convert(f'<p><a href="{address}">x</a></p>')
    assert "href" not in made
    assert told == [(10, "attribute_taken_out")]


@pytest.mark.parametrize(
    "text",
    [
        "H<sub>2</sub>O, 5<sup>2</sup>, <mark>baru</mark>, <kbd>Enter</kbd>, a<br>b",
        "<details><summary>Lihat</summary><p>Isi</p></details>",
        '<table><tr><th scope="col" colspan="2">a</th></tr><tr><td>b</td><td>c</td></tr></table>',
        '<div lang="jv">\n\nBoso *Jowo*\n\n</div>',
        "`<script>` dan\n\n```\n<iframe>\n```",
        "a\n\n<!-- catatan untuk saya -->\n\nb",
    ],
)
def test_what_only_says_something_stays(text: str) -> None:
    """Tags without any power are the seller's to use; a remark of hers reaches nobody."""
    made, told = convert(text)
    assert told == []
    assert "catatan untuk saya" not in made
    for tag in re.findall(r"^(?!`).*?<([a-z]+)", text):
        assert f"<{tag}" in made


def test_what_markdown_makes_stays_as_it_is() -> None:
    """Footnotes, remarks, tables and headings are the same with the key as without it, up to how signs are written."""
    text = (
        'a[^1] **b** [c](https://c.example/)\n\n[^1]: d\n\n!!! kiat "e"\n    f\n\n| g |\n|--:|\n| h |\n\n## i\n\n1. j\n'
    )
    setting = Setting(anchors=True, top=3)
    plain = to_html(text, lambda *_, **__: None, 1, setting)
    cleaned = to_html(text, lambda *_, **__: None, 1, replace(setting, html=lambda *_, **__: None))

    def tags(made: str) -> list[tuple[str, frozenset[str]]]:
        return [
            (name, frozenset(re.findall(r'[\w-]+="[^"]*"', rest)) - {'rel="noopener"'})
            for name, rest in re.findall(r"<([a-z0-9]+)([^>]*)>", made)
        ]

    assert tags(cleaned) == tags(plain)


def test_the_shop_decides(job: Job) -> None:
    """Without the key HTML is a mistake; with it, a warning for what is taken out, with its file and line."""
    edit(job.content / NASTAR, BODY, "<mark>Baru</mark>\n\n<p onclick=x>a</p>")
    path = job.content / NASTAR
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert {problem.code for problem in raised.value.problems} == {"html_in_text"}
    shop = allow(job)
    told = [each for each in build(shop, NOW).warnings if "taken_out" in each.code]
    assert [(each.file, each.line, each.code) for each in told] == [
        (path.as_posix(), line_of(path, "onclick"), "attribute_taken_out")
    ]
    page = (job.output / "nastar" / "index.html").read_text("utf-8")
    assert "<mark>Baru</mark>" in page
    assert "onclick" not in page


def test_links_in_html_are_looked_up(job: Job) -> None:
    """They lead where they mean as in Markdown, and one that leads nowhere stops the build."""
    shop = allow(job)
    edit(job.content / NASTAR, BODY, '<p><a href="../nastar/index.md#produk">uji</a> [dua](/ketentuan/)</p>')
    build(shop, NOW)
    assert re.search(r'<a href="/nastar/#products"[^>]*>uji</a>', (job.output / "nastar/index.html").read_text("utf-8"))
    edit(job.content / NASTAR, "../nastar/index.md#produk", "/nastra/")
    with pytest.raises(ContentErrors) as raised:
        build(shop, NOW)
    path = job.content / NASTAR
    assert [(each.line, each.code) for each in raised.value.problems] == [
        (line_of(path, "/nastra/"), "link_nowhere_suggested")
    ]


def test_every_text_is_cleaned(job: Job) -> None:
    """About us, terms, questions, cancelling and news like the description; the contract too."""
    shop = allow(job)
    bad = '<p onclick="alert(1)">a</p>\n<script>alert(1)</script>\n'
    edit(job.content / "shop.md", "Dapur kecil di **Bandung**.", bad)
    edit(job.content / NASTAR, BODY, bad)
    for folder in (job.content, job.content / "campaigns" / "nastar"):
        for name in ("terms.md", "cancellation.md"):
            write(folder / name, f"{bad}\n[uji](#produk)\n")
        write(folder / "faq.md", f"## A?\n\n{bad}")
    write(job.content / "campaigns" / "nastar" / "kabar.md", f"## 2026-11-20 A\n\n{bad}")
    told = [each for each in build(shop, NOW).warnings if "taken_out" in each.code]
    assert len(told) == 2 * 9
    for path in [*job.output.rglob("*.html"), job.output / "catalogue.json"]:
        assert "alert(1)" not in path.read_text("utf-8"), path


def test_it_is_imported_for_those_only_who_allow_it(job: Job) -> None:
    """A shop without the key needs none of it."""
    program = (
        "import sys; from datetime import datetime; from pathlib import Path; from storefront.builder import Job, build\n"
        f"build(Job(Path({str(job.content)!r}), Path({str(job.output)!r}), Path({str(job.templates)!r})), "
        f"datetime.fromisoformat({NOW.isoformat()!r}))\n"
        "print('nh3' in sys.modules)"
    )
    for wanted in ("False", "True"):
        said = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=True, capture_output=True, text=True)
        assert said.stdout.strip() == wanted
        if wanted == "False":
            allow(job)


def test_two_builds_are_byte_equal(tmp_path: Path) -> None:
    """Cleaning puts nothing into an order of its own."""
    made = []
    for name in ("a", "b"):
        shop = allow(make_job(tmp_path / name))
        edit(
            shop.content / NASTAR,
            BODY,
            '<p lang="id" dir="ltr"><a href="/ketentuan/" lang="id">x</a></p>\n\n| a |\n|--:|\n| b |',
        )
        build(shop, NOW)
        made.append((shop.output / "nastar" / "index.html").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Contoh:\n\n    <script>alert(1)</script>\n", []),
        ("Contoh:\n\n\t<p onclick='x'>\n\t<video>\n\nSelesai.", []),
        ("Contoh:\n\n    <video>\n\n<video src=a></video>\n", [14]),
        ("<div>\n    <video src=a></video>\n</div>\n", [11]),
        ("- satu\n\n    <video src=a></video>\n", [12]),
        ("Kata\n    <video src=a></video>\n", [11]),
    ],
)
def test_only_what_is_no_code_is_told(text: str, told: list[int]) -> None:
    """A tag in indented code is shown as typed, and nothing is said of it; indented within HTML or a list it is a tag."""
    made, found = convert(text)
    assert sorted({line for line, _ in found}) == told
    assert ("&lt;" in made) is text.startswith("Contoh")
    assert not re.search(r"<(video|script)\b", made)
