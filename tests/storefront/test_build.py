"""What a build does to the output folder, and when it does nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from preorder.catalogue import from_json, to_json
from preorder.schedule import ZONES
from storefront.builder import Job, build
from storefront.output import OutputRefused
from storefront.problems import ContentErrors
from tests.preorder.qris_makers import V1
from tests.storefront.content_makers import CAMPAIGN, CHECKOUT, NOW, SHOP, edit, make_job, make_picture, snapshot, write

NASTAR = "campaigns/nastar/index.md"


def text(job: Job, path: str) -> str:
    return (job.output / path).read_text("utf-8")


def catalogue(job: Job) -> dict[str, object]:
    found: dict[str, object] = json.loads(text(job, "catalogue.json"))
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path: data for path, (_, data) in snapshot(folder).items()}


def test_two_builds_of_one_content_are_byte_equal(tmp_path: Path) -> None:
    """The same content, told the same time, gives the same bytes wherever it lies."""
    first, second = make_job(tmp_path / "a"), make_job(tmp_path / "b")
    build(first, NOW)
    build(second, NOW)
    assert contents(first.output) == contents(second.output)


def test_a_second_build_has_nothing_to_do(job: Job) -> None:
    """Nothing is read, rendered or touched when nothing changed."""
    assert not build(job, NOW).nothing_to_do
    before = snapshot(job.output)
    assert build(job, NOW).nothing_to_do
    assert snapshot(job.output) == before


def test_a_build_with_nothing_to_do_imports_nothing_heavy(job: Job) -> None:
    """A no-op costs little more than starting Python: no templates, no Markdown, no pictures, no YAML."""
    build(job, NOW)
    program = (
        "import importlib.util, sys; from datetime import datetime; from pathlib import Path; from storefront.builder import Job, build\n"
        f"job = Job(Path({os.fspath(job.content)!r}), Path({os.fspath(job.output)!r}), Path({os.fspath(job.templates)!r}))\n"
        f"now = datetime.fromisoformat({NOW.isoformat()!r})\n"
        "assert build(job, now).nothing_to_do\n"
        f"spec = importlib.util.spec_from_file_location('etalase_build', {os.fspath(CHECKOUT / 'build.py')!r})\n"
        "command = importlib.util.module_from_spec(spec); spec.loader.exec_module(command)\n"
        "assert command._build(job, now)[0] == 0\n"
        "assert not {'jinja2', 'markdown', 'PIL', 'yaml', 'preorder.campaign', 'filelock'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=True, timeout=60)


def test_only_what_changed_is_written(job: Job) -> None:
    """An edit of one text leaves the time stamps of all other files."""
    build(job, NOW)
    before = snapshot(job.output)
    edit(job.content / NASTAR, "Nastar **lembut**.", "Nastar *renyah*.")
    outcome = build(job, NOW)
    after = snapshot(job.output)
    assert outcome.changed == ("nastar/index.html",)
    assert {path for path in after if after[path] != before[path]} == {"nastar/index.html"}


def test_an_edit_that_keeps_size_and_time_is_seen(job: Job) -> None:
    """A file saved twice within the clock's grain is read again: its content decides, not its time stamp."""
    build(job, NOW)
    path = job.content / NASTAR
    stat = path.stat()
    edit(path, "**lembut**", "**renyah**")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert "renyah" not in text(job, "nastar/index.html")
    build(job, NOW)
    assert "renyah" in text(job, "nastar/index.html")


@pytest.mark.parametrize("what", ["templates/storefront/home.html", "templates/assets/style.css", "content/faq.md"])
def test_whatever_the_site_is_made_of_counts(job: Job, what: str) -> None:
    """Templates, assets and house texts make a build necessary as campaigns do."""
    build(job, NOW)
    path = job.content.parent / what
    path.write_text(path.read_text("utf-8") + "\n\nlebih\n", "utf-8")
    assert build(job, NOW).changed


def test_a_damaged_site_is_mended(job: Job) -> None:
    """A file that was edited or deleted in the output folder comes back, though the content is the same."""
    build(job, NOW)
    before = contents(job.output)
    (job.output / "index.html").write_text("x", "utf-8")
    (job.output / "nastar" / "index.html").unlink()
    build(job, NOW)
    assert contents(job.output) == before


def test_pruning_takes_only_what_was_ours(job: Job) -> None:
    """A campaign that is gone takes its page and photos along; files of others and the placeholder stay."""
    build(job, NOW)
    placeholder = write(job.output / ".gitkeep", "")
    foreign = write(job.output / "nastar" / "catatan.txt", "punya saya")
    proof = write(job.output / "google123.html", "verifikasi")
    for path in sorted((job.content / "campaigns" / "nastar").iterdir()):
        path.unlink()
    (job.content / "campaigns" / "nastar").rmdir()
    outcome = build(job, NOW)
    assert "nastar/index.html" in outcome.removed
    assert not (job.output / "nastar" / "index.html").exists()
    assert not (job.output / "assets" / "photos").exists()
    assert [path.exists() for path in (placeholder, foreign, proof)] == [True, True, True]
    foreign.unlink()


def test_a_foreign_file_in_the_way_is_not_overwritten(job: Job) -> None:
    """Before anything is written, a file that is not ours stops the build."""
    foreign = write(job.output / "index.html", "halaman lama saya")
    with pytest.raises(OutputRefused) as raised:
        build(job, NOW)
    assert raised.value.fields["reason"] == "foreign_file"
    assert contents(job.output) == {"index.html": foreign.read_bytes()}


def test_a_lost_cache_does_not_lock_the_shop_out(job: Job) -> None:
    """Without our notes a folder that holds our own catalogue is still known as ours."""
    build(job, NOW)
    for path in sorted(job.own_cache.iterdir()):
        path.unlink()
    edit(job.content / NASTAR, "**lembut**", "**renyah**")
    assert build(job, NOW).changed == ("nastar/index.html",)


@pytest.mark.parametrize("output", ["content", "content/site", ".", "templates", "templates/site"])
def test_the_output_never_overlaps_what_we_read(job: Job, run: Callable[..., int], output: str) -> None:
    """A build can't eat its own content or templates."""
    before = contents(job.content.parent)
    assert run("--output", output) == 2
    assert contents(job.content.parent) == before


def test_the_checkout_is_no_output_folder(job: Job) -> None:
    """Nor can it fill the program's own folder."""
    with pytest.raises(OutputRefused):
        build(Job(job.content, CHECKOUT, job.templates), NOW)


def test_nothing_in_the_site_is_a_program(job: Job) -> None:
    """Files that a server might run are never published, and everybody may read what is."""
    build(job, NOW)
    files = [path for path in job.output.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if path.suffix in {".py", ".pyc", ".php", ".cgi"} or path.name.startswith(".")]
    umask = os.umask(0)
    os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o666 & ~umask}


def test_check_writes_nothing(job: Job, run: Callable[..., int]) -> None:
    """--check says whether the content is right and leaves the disk as it is."""
    assert run("--check") == 0
    assert not job.output.exists()
    edit(job.content / NASTAR, "harga: 70000", "harga: 70,000")
    assert run("--check") == 1


@pytest.mark.parametrize(
    ("days", "phase"),
    [(-30, "announced"), (0, "open"), (13, "open"), (14, "closed")],
)
def test_the_page_says_the_phase_of_its_day(job: Job, days: int, phase: str) -> None:
    """The same content, built on another day, states another phase; the catalogue stays as it is."""
    build(job, NOW)
    before = text(job, "catalogue.json")
    build(job, NOW + timedelta(days=days))
    assert f'<p id="phase">{phase}</p>' in text(job, "nastar/index.html")
    assert text(job, "catalogue.json") == before


def test_a_phase_that_begins_ends_the_rest(job: Job) -> None:
    """A build has nothing to do until the moment that a page would say something else, and then it has."""
    outcome = build(job, NOW)
    closing = datetime(2026, 12, 11, tzinfo=ZONES["WIB"])
    assert outcome.valid_until == closing
    assert build(job, closing - timedelta(seconds=1)).nothing_to_do
    assert not build(job, closing).nothing_to_do


def test_a_monthly_campaign_is_announced_opened_and_closed(job: Job) -> None:
    """The rule "tiap bulan" moves through its phases, and each build knows when the next one begins."""
    edit(job.content / NASTAR, "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap bulan, tanggal 25 s.d. 10")
    wib = ZONES["WIB"]
    for now, phase, until in (
        (datetime(2026, 12, 15, tzinfo=wib), "closed", datetime(2026, 12, 18, tzinfo=wib)),
        (datetime(2026, 12, 18, tzinfo=wib), "announced", datetime(2026, 12, 25, tzinfo=wib)),
        (datetime(2026, 12, 25, tzinfo=wib), "open", datetime(2027, 1, 11, tzinfo=wib)),
    ):
        assert build(job, now).valid_until == until
        assert f'<p id="phase">{phase}</p>' in text(job, "nastar/index.html")


def test_the_revision_rises_with_what_is_published(job: Job) -> None:
    """
    Revision and time stay while the catalogue says the same, and rise, even under a clock that was set back, when it
    does not.
    """
    build(job, NOW)
    first = catalogue(job)
    assert first["revision"] == int(NOW.timestamp())
    build(job, NOW + timedelta(days=1))
    assert catalogue(job) == first
    edit(job.content / NASTAR, "harga: 70000", "harga: 71000")
    build(job, NOW - timedelta(days=2))
    assert catalogue(job)["revision"] == int(NOW.timestamp()) + 1
    edit(job.content / NASTAR, "harga: 71000", "harga: 72000")
    later = NOW + timedelta(days=3)
    build(job, later)
    assert catalogue(job)["revision"] == int(later.timestamp())


def test_the_catalogue_says_what_the_content_says(job: Job) -> None:
    """The published catalogue comes back from JSON as it went, with pools, prices, terms and schedule of the header."""
    build(job, NOW)
    published = from_json(catalogue(job))
    assert to_json(published) == catalogue(job)
    campaign = published.by_slug("nastar")
    assert campaign is not None
    assert dict(campaign.pools) == {"*": 100, "nastar/toples-250-g": 40, "kastengel": 30}
    assert [
        (variant.id, variant.price, variant.pools) for product in campaign.products for variant in product.variants
    ] == [
        ("toples-250-g", 65_000, ("nastar/toples-250-g", "*")),
        ("toples-500-g", 120_000, ("*",)),
        ("", 70_000, ("kastengel", "*")),
    ]
    assert [
        (option.id, option.choices, option.max_length, option.required) for option in campaign.products[1].options
    ] == [
        ("pita", ("Merah", "Hijau"), 0, True),
        ("ucapan", (), 40, False),
    ]
    assert campaign.payment.deposit_percent == 50
    assert [(stage.until.value, stage.percent, stage.base.value) for stage in campaign.policy.stages] == [
        ("closing", 100, "received"),
        ("production", 50, "deposit"),
    ]
    assert [(delivery.id, delivery.fee) for delivery in campaign.deliveries] == [
        ("jne-reguler", 18_000),
        ("ambil-di-dapur", 0),
    ]
    assert campaign.terms_html.startswith("<p>2 tahap</p>")
    assert "Kemasan kaca" in campaign.terms_html
    assert published.shop.whatsapp == "+6281300005678"
    assert published.shop.accounts[0].number == "1234098765"


PUBLIC = {
    "": {"format", "revision", "built_at", "shop", "campaigns"},
    "shop": {
        "name", "tagline", "language", "zone", "whatsapp", "email", "city", "address", "since", "accounts", "links", "avatar",
        "qris", "keep_months", "channels", "theme", "salutation",
    },
    "shop.theme": {"preset", "brand", "accent", "dark"},
    "shop.accounts": {"id", "kind", "provider", "number", "holder", "url"},
    "shop.links": {"kind", "label", "url"},
    "shop.qris": {"payload", "dynamic", "ceiling"},
    "campaigns": {
        "id", "slug", "title", "summary", "prefix", "schedule", "products", "pools", "limits", "payment", "deliveries", "policy",
        "photos", "terms_html", "terms_hash", "bonus", "target", "quotation_from", "stage", "batch",
        "former_slugs",
    },
    "campaigns.schedule": {"zone", "rule", "announce_days", "ships_after", "production", "method"},
    "campaigns.schedule.rule": {"kind", "opens_at", "closes_at", "first_closes_at"},
    "campaigns.schedule.ships_after": {"least", "most"},
    "campaigns.products": {
        "id", "name", "summary", "variants", "options", "photo", "early", "tiers", "per_line", "bonus", "label",
    },
    "campaigns.products.per_line": {"least", "most"},
    "campaigns.products.variants": {"id", "name", "price", "weight_g", "pools", "early", "tiers"},
    "campaigns.products.options": {"id", "name", "choices", "max_length", "required", "extras", "text_extra"},
    "campaigns.products.options.extras": set(),
    "campaigns.batch": {"minimum", "otherwise", "told_within"},
    "campaigns.pools": {"*", "nastar/toples-250-g", "kastengel"},
    "campaigns.limits": {"min_per_order", "max_per_order", "max_per_buyer"},
    "campaigns.payment": {
        "scheme", "deposit_percent", "deposit_rounding", "pay_within_h", "grace_h", "production_needs", "last_days",
        "unique_code", "balance_days", "balance_from",
    },
    "campaigns.deliveries": {
        "id", "name", "kind", "fee", "note", "zones", "everywhere", "courier", "service", "surcharge", "times",
    },
    "campaigns.policy": {"refund_within_days", "stages", "delay_days", "complaint_days"},
    "campaigns.policy.stages": {"until", "percent", "base"},
    "campaigns.photos": {"sources", "width", "height", "alt", "webp"},
    "campaigns.photos.sources": {"600"},
    "campaigns.photos.webp": {"320", "480", "600"},
}  # fmt: skip


def test_the_catalogue_holds_only_public_keys(job: Job) -> None:
    """Every key that is published stands in this list; a new one has to be thought about."""
    edit(job.content / "shop.md", "tautan:\n", f'qris: {{kode: "{V1}"}}\ntautan:\n')
    kloter = "kloter: {minimum: 12, bila_tidak_tercapai: lanjut}"
    edit(job.content / "campaigns" / "nastar" / "index.md", "kuota: 100\n", f"kuota: 100\n{kloter}\n")
    build(job, NOW)
    found: dict[str, set[str]] = {}

    def look(value: object, where: str) -> None:
        if isinstance(value, dict):
            found.setdefault(where, set()).update(value)
            for key, item in value.items():
                look(item, f"{where}.{key}".lstrip("."))
        elif isinstance(value, list):
            for item in value:
                look(item, where)

    look(catalogue(job), "")
    assert found == PUBLIC


def test_private_notes_never_reach_the_site(job: Job) -> None:
    """What she writes for herself, in whatever form, is in no published file; nor is a draft or its photo."""
    edit(
        job.content / "shop.md", "sejak: 2019", "sejak: 2019\ncatatan_internal:\n  pemasok:\n    - Toko Rahasia Sekali"
    )
    draft = CAMPAIGN.replace("id: nastar-lebaran", "id: rahasia\ndraf: ya").replace("awalan: NST", "awalan: RHS")
    write(job.content / "campaigns" / "belum" / "index.md", draft.replace("Nastar Lebaran", "Belum Diumumkan"))
    write(job.content / "campaigns" / "belum" / "nastar.png", make_picture(700, 500))
    outcome = build(job, NOW)
    assert [Path(file).parent.name for file in outcome.drafts] == ["belum"]
    everything = b"".join(contents(job.output).values()) + "".join(contents(job.output)).encode()
    for secret in (b"rahasia", b"Rahasia", b"41 persen", b"Belum Diumumkan", b"catatan_internal", b"internal_notes"):
        assert secret not in everything
    # The published campaign's alone; both are called nastar.
    assert len({file.name.rpartition("-")[0] for file in (job.output / "assets" / "photos").iterdir()}) == 1


def test_a_draft_may_be_unfinished(job: Job, run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """Problems of a draft are told each time, but don't keep the shop from being published."""
    write(job.content / "campaigns" / "baru.md", "---\nid: baru\ndraf: ya\nharga: x\n---\n")
    for _ in range(2):
        assert run() == 0
        assert "content/campaigns/baru.md:4: " in capsys.readouterr().out
    assert (job.output / "nastar" / "index.html").exists()
    edit(job.content / "campaigns" / "baru.md", "draf: ya", "draf: tidak")
    assert run() == 1


def test_english_keys_say_the_same(tmp_path: Path) -> None:
    """A shop written with English keys, choices and file names publishes the same catalogue."""
    indonesian, english = make_job(tmp_path / "id"), make_job(tmp_path / "en")
    build(indonesian, NOW)
    words = {
        "nama": "name", "slogan": "tagline", "bahasa": "language", "zona": "zone", "kota": "city", "alamat": "address", "sejak": "since",
        "rekening": "accounts", "jenis": "kind", "nomor": "number", "atas_nama": "holder", "tautan": "links", "pembayaran": "payment",
        "skema": "scheme", "dp": "deposit", "tenggat": "pay_within", "pengiriman": "delivery", "ongkir": "fee", "pembatalan": "cancellation",
        "oleh_penjual": "by_seller", "oleh_pembeli": "by_buyer", "tenggat_hari": "within_days", "sampai": "until", "judul": "title",
        "ringkas": "summary", "awalan": "prefix", "foto": "photos", "berkas": "file", "jadwal": "schedule", "buka": "opens",
        "tutup": "closes", "kirim": "ships", "produk": "products", "varian": "variants", "harga": "price", "kuota": "quota",
        "pilihan": "options", "isi": "choices", "teks": "text", "wajib": "required", "batas": "limits",
        "min_per_pesanan": "min_per_order", "maks_per_pesanan": "max_per_order", "catatan_internal": "internal_notes",
    }  # fmt: skip
    values = {
        "skema: dp": "skema: deposit", "jenis: kurir": "jenis: courier", "jenis: ambil": "jenis: pickup", "tutup_po": "closing",
        "mulai_produksi": "production", "50% dari dp": "50% of deposit", "wajib: tidak": "wajib: no", "24 jam": "24 hours",
        "7-10 hari setelah tutup": "7-10 days after closing", "buka: 2026-11-25": "buka: 25 November 2026",
    }  # fmt: skip
    for path, original in ((english.content / "shop.md", SHOP), (english.content / NASTAR, CAMPAIGN)):
        changed = original
        for old, new in values.items():
            changed = changed.replace(old, new)
        head, _, body = changed[4:].partition("---\n")
        head = re.sub(r"(?<![\w])([a-z_]+):(?= |\n)", lambda key: words.get(key.group(1), key.group(1)) + ":", head)
        write(path, f"---\n{head}---\n{body}")
    assert not re.search(r"\b(nama|harga|jadwal|produk|sampai):", (english.content / NASTAR).read_text("utf-8"))
    build(english, NOW)
    assert catalogue(english) == catalogue(indonesian)


def test_a_campaign_overrides_the_house_block_by_block(job: Job) -> None:
    """A block of the campaign replaces the shop's as a whole; the others are inherited."""
    edit(job.content / NASTAR, "catatan_internal", "pembayaran: {skema: penuh, tenggat: 2 hari}\ncatatan_internal")
    build(job, NOW)
    campaign = from_json(catalogue(job)).campaigns[0]
    assert (campaign.payment.scheme.value, campaign.payment.deposit_percent, campaign.payment.pay_within_h) == (
        "full",
        0,
        48,
    )
    assert len(campaign.deliveries) == 2


def test_own_questions_come_before_the_house(job: Job) -> None:
    """A campaign's FAQ stands before the shop's, its terms after them."""
    write(job.content / "campaigns" / "nastar" / "faq.md", "## Ada kurma?\n\nTidak.\n")
    write(job.content / "campaigns" / "nastar" / "ketentuan.md", "Nastar saja.\n")
    build(job, NOW)
    page = text(job, "nastar/index.html")
    assert page.index("Ada kurma?") < page.index("Tahan berapa lama?")
    assert page.index("Kemasan kaca") < page.index("Nastar saja.")


def test_the_order_of_the_home_page(job: Job) -> None:
    """The seller's order decides, then the address; on the page what is open comes first."""
    for slug, order, opening in (("sagu", "2", "2026-12-01"), ("bolu", "1", "2026-12-01"), ("abon", "", "2026-11-20")):
        other = CAMPAIGN.replace("nastar-lebaran", slug).replace("NST", slug[:3].upper()).replace("2026-11-25", opening)
        other = other.replace("berkas: nastar.png", "berkas: nastar/nastar.png")
        write(
            job.content / "campaigns" / f"{slug}.md",
            other.replace("ringkas:", f"urutan: {order}\nringkas:" if order else "ringkas:"),
        )
    build(job, NOW)
    assert [campaign.slug for campaign in from_json(catalogue(job)).campaigns] == ["bolu", "sagu", "abon", "nastar"]
    assert re.findall(r'<p id="([a-z]+)"', text(job, "index.html")) == ["abon", "nastar", "bolu", "sagu"]


def test_a_folder_of_pictures_is_no_campaign(job: Job) -> None:
    """Photos of campaigns that are one file each may lie in a folder beside them."""
    write(job.content / "campaigns" / "foto" / "sagu.png", make_picture())
    other = (
        CAMPAIGN.replace("nastar-lebaran", "sagu")
        .replace("NST", "SGU")
        .replace("berkas: nastar.png", "berkas: foto/sagu.png")
    )
    write(job.content / "campaigns" / "sagu.md", other)
    build(job, NOW)
    campaign = from_json(catalogue(job)).by_slug("sagu")
    assert campaign is not None
    assert (job.output / campaign.photos[0].sources[600].lstrip("/")).is_file()


def test_other_origins_are_in_the_pages(job: Job, run: Callable[..., int]) -> None:
    """Flags win over the environment; both give the addresses of links and forms."""
    environment = {"ETALASE_SITE_URL": "https://toko.example", "ETALASE_INTAKE_URL": "https://pesan.example/"}
    assert run("--site-url", "https://etalase.example/", environment=environment) == 0
    assert "https://etalase.example/nastar/" in text(job, "index.html")
    assert 'action="https://pesan.example/pesan/nastar"' in text(job, "nastar/index.html")


def test_folders_come_from_the_environment_and_from_a_dotenv_file(job: Job, run: Callable[..., int]) -> None:
    """ETALASE_CONTENT and ETALASE_SITE say where; a .env file is the last to be asked."""
    job.content.rename(job.content.with_name("isi"))
    write(job.content.parent / ".env", "ETALASE_CONTENT=isi\nETALASE_SITE=dari-env\n")
    assert run(environment={"ETALASE_SITE": "hasil"}) == 0
    assert (job.content.parent / "hasil" / "index.html").exists()
    assert not (job.content.parent / "dari-env").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--now", "2026-11-25"],
        ["--now", "besok"],
        ["--site-url", "toko.example"],
        ["--site-url", "https://toko.example/jalan"],
        ["--intake-url", "ftp://pesan.example"],
        ["baru", "Judul"],
        ["new"],
        ["--check", "--watch"],
        ["--serve", "x"],
        ["--unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_its_own_status(job: Job, run: Callable[..., int], arguments: list[str]) -> None:
    """What the command line gets wrong ends with 2, before anything is written."""
    assert run(*arguments) == 2
    assert not job.output.exists()


def test_a_crash_in_rendering_writes_nothing(job: Job) -> None:
    """Nothing is written before everything is rendered: a page that fails leaves the old site whole."""
    build(job, NOW)
    before = snapshot(job.output)
    edit(job.content / NASTAR, "**lembut**", "**renyah**")
    write(job.templates / "storefront" / "404.html", "{{ unknown_name }}")
    with pytest.raises(Exception, match="unknown_name"):
        build(job, NOW)
    assert snapshot(job.output) == before


def test_the_report_speaks_the_language_of_the_shop(job: Job) -> None:
    """A shop that can't be read is Indonesian; one that says so is English, and hears English keys."""
    edit(job.content / "shop.md", "bahasa: id", "bahasa: en")
    edit(job.content / NASTAR, "harga: 70000", "harga: 70,000")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert raised.value.language == "en"
    write(job.content / "shop.md", "tanpa kepala")
    with pytest.raises(ContentErrors) as raised:
        build(job, NOW)
    assert raised.value.language == "id"
