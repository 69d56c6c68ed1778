"""What else is served: the site on one origin, assets on any, health, and the headers on all of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.published import CatalogueUnavailable
from intake.settings import Settings
from intake.web import rendering
from intake.web.security import bare_origin
from preorder.batch import Batch, Otherwise
from preorder.campaign import Target
from preorder.catalogue import asset_path
from preorder.stylesheet import data_uri, dress
from preorder.theme import Theme
from tests.intake.web.page import Page
from tests.intake.web.world import World, fields, open_world
from tests.makers import make_campaign

SITE, INTAKE = "https://kue.example", "https://pesan.example"

FILES = {
    "index.html": b"<h1>Beranda</h1>",
    "404.html": b"<h1 id=lost>Tidak ada</h1>",
    "nastar/index.html": b"<h1>Nastar</h1>",
    "nastar/jadwal.ics": b"BEGIN:VCALENDAR",
    "catalogue.json": b"{}",
    "feed.xml": b"<feed/>",
    "robots.txt": b"User-agent: *",
    "assets/nastar.0123abcd.jpg": b"\xff\xd8",
    "assets/old.css": b"a{}",
    ".manifest.json": b"secret",
    "nastar/.draft": b"secret",
}


def fill(site: Path) -> None:
    """Write a site."""
    for name, content in FILES.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (site.parent / "secret.txt").write_text("secret")
    (site.parent / "site-other").mkdir()
    (site.parent / "site-other" / "x.txt").write_text("secret")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A shop on one origin, with a built site."""
    with open_world(tmp_path_factory.mktemp("one")) as opened:
        fill(opened.settings.site)
        yield opened


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A shop whose site is on a host of its own."""
    with open_world(tmp_path_factory.mktemp("two"), site_url=SITE, intake_url=INTAKE) as opened:
        fill(opened.settings.site)
        yield opened


@pytest.mark.parametrize(
    ("path", "name", "kind", "cached"),
    [
        ("/", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/nastar/", "nastar/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/nastar/index.html", "nastar/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/nastar/jadwal.ics", "nastar/jadwal.ics", "text/calendar; charset=utf-8", "no-cache"),
        ("/catalogue.json", "catalogue.json", "application/json", "no-cache"),
        ("/feed.xml", "feed.xml", "application/xml; charset=utf-8", "no-cache"),
        ("/robots.txt", "robots.txt", "text/plain; charset=utf-8", "no-cache"),
        (
            "/assets/nastar.0123abcd.jpg",
            "assets/nastar.0123abcd.jpg",
            "image/jpeg",
            "public, max-age=31536000, immutable",
        ),
        ("/assets/old.css", "assets/old.css", "text/css; charset=utf-8", "no-cache"),
    ],
)
def test_the_site_is_served_as_it_was_built(world: World, path: str, name: str, kind: str, cached: str) -> None:
    """Bytes, type and cache rule of each file; asked again with its ETag it is not sent again."""
    with world.client.get(path) as response:
        assert (response.status_code, response.data) == (200, FILES[name])
        assert response.headers["Content-Type"] == kind
        assert response.headers["Cache-Control"] == cached
        assert "X-Robots-Tag" not in response.headers
        etag = response.headers["ETag"]
    with world.client.get(path, headers={"If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")
    with world.client.head(path) as head:
        assert (head.status_code, head.data) == (200, b"")


def test_a_folder_without_its_slash_leads_to_it(world: World) -> None:
    """A link typed without the last slash works, on our own origin."""
    response = world.client.get("/nastar")
    assert (response.status_code, response.headers["Location"]) == (308, "/nastar/")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/nastar/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt",
        "/nastar/..%2f..%2fsecret.txt", "//etc/passwd", "/%2fetc%2fpasswd", "/.manifest.json", "/nastar/.draft", "/nastar%00/index.html",
        "/site-other/x.txt", "/../site-other/x.txt", "/assets/../../secret.txt", "/C:/Windows/win.ini", "/link.txt", "/" + "a" * 3000, "/con",
        "/\\evil.example", "/nastar//index.html/",
    ],
)  # fmt: skip
def test_nothing_outside_the_site_is_served(world: World, path: str) -> None:
    """Whatever way a path climbs, links or hides: 404, and never a redirect to elsewhere."""
    link = world.settings.site / "link.txt"
    if not link.is_symlink():
        link.symlink_to(world.settings.site.parent / "secret.txt")
    response = world.client.get(path)
    assert response.status_code == 404
    assert b"secret" not in response.data


def test_what_is_missing_is_answered_by_the_sites_own_page(world: World) -> None:
    """The site has its 404; an intake on an origin of its own shows ours."""
    response = world.client.get("/tidak-ada/")
    assert (response.status_code, response.data) == (404, FILES["404.html"])


def test_assets_are_served_on_any_origin(two: World) -> None:
    """
    The pages of the intake are styled by files from where they come from, under the names that the storefront uses too.
    """
    page = Page(two.client.get("/pesan/nastar", headers={"Host": "pesan.example"}).text)
    sheet = next(
        e.attributes["href"] for e in page.elements if e.tag == "link" and e.attributes.get("rel") == "stylesheet"
    )
    content = (two.settings.templates / "assets" / "etalase.css").read_bytes()
    content = dress({"etalase.css": content}, Theme())["etalase.css"]
    assert sheet == asset_path("etalase.css", content)
    response = two.client.get(sheet, headers={"Host": "pesan.example"})
    assert (response.status_code, response.data) == (200, content)
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    etag = {"Host": "pesan.example", "If-None-Match": response.headers["ETag"]}
    assert two.client.get(sheet, headers=etag).status_code == 304
    assert two.client.get("/assets/etalase.css", headers={"Host": "pesan.example"}).status_code == 404


def test_pages_change_their_looks_with_the_shop(tmp_path: Path) -> None:
    """The same stylesheet as the site's, in the theme that is published; what an open page still asks for stays there."""
    raw = {path.name: path.read_bytes() for path in (Settings.templates / "assets").iterdir()}
    with open_world(tmp_path, site_url=SITE, intake_url=INTAKE) as world:
        addresses = []
        for theme in (Theme(), Theme("butik"), Theme("ceria", "#9c1f4a", dark=False), Theme("butik")):
            world.publish(theme=theme)
            page = world.client.get("/pesan/nastar", headers={"Host": "pesan.example"}).text
            dressed = dress(raw, theme)
            assert f'href="{data_uri(dressed["icon.svg"])}"' in page
            addresses += [(asset_path(name, dressed[name]), dressed[name]) for name in ("etalase.css", "icon.svg")]
            assert f'href="{asset_path("etalase.css", dressed["etalase.css"])}"' in page
            assert f'<meta name="theme-color" content="{theme.light["awning"]}"' in page
            assert ("light dark" in page) is theme.dark
            for address, content in addresses:
                answer = world.client.get(address, headers={"Host": "pesan.example"})
                assert (answer.status_code, answer.data) == (200, content)


def test_only_so_many_looks_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seller who tries colours all day fills no memory: the oldest are forgotten."""
    # Both stylesheets, icon and script of one look that is no longer worn.
    monkeypatch.setattr(rendering, "MOST_WORN", 4)
    with open_world(tmp_path) as world:
        addresses = []
        for number in range(3):
            world.publish(theme=Theme("etalase", f"#00{number:02x}40"))
            page = Page(world.client.get("/pesan/nastar").text)
            addresses += [e.attributes["href"] for e in page.elements if e.attributes.get("rel") == "stylesheet"]
        assert len(set(addresses)) == 3
        assert [world.client.get(address).status_code for address in addresses] == [404, 200, 200]


def test_an_order_across_two_origins(two: World) -> None:
    """
    The form stands on the site's host and posts to the intake's; every step leads on there, and the policy allows just
    that.
    """
    client, base = two.client, {"Host": "pesan.example"}
    response = client.post("/pesan/nastar", data=fields(), headers=base | {"Origin": SITE})
    assert response.status_code == 200
    assert f"form-action 'self' {INTAKE};" in response.headers["Content-Security-Policy"]
    assert f"connect-src 'self' {INTAKE};" in response.headers["Content-Security-Policy"]
    place = Page(response.text).form("/kirim")
    assert place.action == f"{INTAKE}/pesan/nastar/kirim"
    answer = client.post("/pesan/nastar/kirim", data=place.fields, headers=base | {"Origin": INTAKE})
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith(f"{INTAKE}/s/")
    page = Page(client.get(location.removeprefix(INTAKE), headers=base).text)
    assert page.form("/sudah-transfer").action == f"{location}/sudah-transfer"
    assert f"{SITE}/nastar/" in page.links


def test_the_site_is_not_served_twice(two: World) -> None:
    """On an origin of its own the intake has no shop pages: its root leads to the shop, the rest is our 404."""
    home = two.client.get("/", headers={"Host": "pesan.example"})
    assert (home.status_code, home.headers["Location"]) == (302, f"{SITE}/")
    missing = two.client.get("/nastar/", headers={"Host": "pesan.example"})
    assert missing.status_code == 404
    assert "error" in Page(missing.text).ids


@pytest.mark.parametrize(
    "host", ["evil.example", "pesan.example:8080", "pesan.example.evil.example", "kue.example@evil.example", ""]
)
def test_a_host_that_is_not_ours_is_refused(two: World, host: str) -> None:
    """400 once the public addresses are set; but the supervisor on this machine may ask by any name."""
    assert two.client.get("/pesan/nastar", headers={"Host": host}).status_code == 400
    assert two.client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("origin", "status"), [(SITE, 200), (INTAKE, 200), ("null", 200), ("https://KUE.example:443", 200),
                                                ("http://kue.example", 403), ("https://evil.example", 403)])  # fmt: skip
def test_origins_of_a_shop_on_two_hosts(two: World, origin: str, status: int) -> None:
    """Both of ours pass, a hidden one passes, all others don't."""
    response = two.client.post("/pesan/nastar", data=fields(), headers={"Host": "pesan.example", "Origin": origin})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Kue.Example", "https://kue.example"), ("https://kue.example:443", "https://kue.example"), ("http://kue.example:80", "http://kue.example"),
        ("http://[::1]:8000", "http://[::1]:8000"), ("https://kue.example:8443", "https://kue.example:8443"), ("kue.example", ""), ("https://x:y", ""),
    ],
)  # fmt: skip
def test_origins_are_compared_in_one_form(url: str, origin: str) -> None:
    """As browsers send them."""
    assert bare_origin(url) == origin


def test_every_answer_carries_the_policy_and_no_cookie(world: World) -> None:
    """
    Pages, files, errors, redirects: the same policy, nosniff, a referrer rule, and never a cookie. What can't be a page
    does without policy and rule.
    """
    review = world.review()
    placed = world.send(review)
    answers = [
        placed,
        world.client.get(placed.headers["Location"]),
        world.client.get(placed.headers["Location"], headers={"Cookie": "session=x; y=z"}),
        world.client.get("/robots.txt", buffered=True),
        world.client.get("/nope"),
        world.client.get("/pesan/nope"),
        world.client.post("/pesan/nastar", data={}),
        world.client.put("/pesan/nastar"),
    ]
    for part in (world.client.get("/sisa.json"), world.client.get("/healthz")):
        assert part.headers["X-Content-Type-Options"] == "nosniff"
        assert not {"Content-Security-Policy", "Referrer-Policy", "Set-Cookie", "Server"} & set(dict(part.headers))
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert "Server" not in answer.headers
    assert [answer.headers["Referrer-Policy"] for answer in answers[:3]] == ["no-referrer"] * 3
    assert answers[3].headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_what_is_left(world: World) -> None:
    """Units by campaign and pool, readable from the site's own host, for a moment only."""
    response = world.client.get("/sisa.json")
    assert response.status_code == 200
    assert response.json is not None
    assert set(response.json) == {"nastar-lebaran"}
    assert response.json["nastar-lebaran"]["nastar/250g"] <= 40
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=1"


def test_what_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told where a page shows how far a target or a minimum is reached; and never in place of a product's own units left."""
    assert "taken" not in world.client.get("/sisa.json").get_json()["nastar-lebaran"]
    catalogue = world.counter.catalogue
    (campaign,) = catalogue.catalogue.campaigns
    aimed = dataclasses.replace(campaign, target=Target(units=50))
    monkeypatch.setattr(catalogue, "catalogue", dataclasses.replace(catalogue.catalogue, campaigns=(aimed,)))
    assert world.client.get("/sisa.json").get_json()["nastar-lebaran"]["taken"] == 0
    needed = dataclasses.replace(campaign, batch=Batch(12, Otherwise.REFUND, 2))
    monkeypatch.setattr(catalogue, "catalogue", dataclasses.replace(catalogue.catalogue, campaigns=(needed,)))
    assert world.client.get("/sisa.json").get_json()["nastar-lebaran"]["taken"] == 0
    named = dataclasses.replace(aimed, pools={**aimed.pools, "taken": 7})
    monkeypatch.setattr(catalogue, "catalogue", dataclasses.replace(catalogue.catalogue, campaigns=(named,)))
    assert world.client.get("/sisa.json").get_json()["nastar-lebaran"]["taken"] == 7


def test_health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The process answers while it lives; it is ready only with a catalogue and a writing ledger, and says which is
    missing.
    """
    with open_world(tmp_path) as world:
        assert world.client.get("/readyz").json == {
            "status": "ready",
            "checks": {"writer": True, "disk": True, "open": True, "catalogue": True},
        }
        monkeypatch.setattr(world.counter.desk, "ready", lambda: {"writer": False})
        response = world.client.get("/readyz")
        assert response.status_code == 503
        assert response.json is not None
        assert response.json["checks"]["writer"] is False
        assert world.client.get("/healthz").status_code == 200


def test_without_a_catalogue_every_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 in Indonesian, without a shop's name; a stored order is still found and shown; nothing else breaks."""
    with open_world(tmp_path) as world:
        review = world.review()
        location = world.send(review).headers["Location"]

        def nothing() -> None:
            raise CatalogueUnavailable(where="site/catalogue.json", reason="FileNotFoundError")

        monkeypatch.setattr(world.counter.catalogue, "current", nothing)
        for response in (
            world.client.get("/pesan/nastar"),
            world.client.post("/pesan/nastar", data=fields()),
            world.client.post("/pesan/nastar/kirim", data=fields()),
            world.client.get("/sisa.json"),
        ):
            assert response.status_code == 503
            assert response.headers["Retry-After"]
            page = Page(response.text)
            assert "error" in page.ids
            assert page.elements[0].attributes["lang"] == "id"
        assert world.send(review).headers["Location"] == location
        page = world.client.get(location)
        assert page.status_code == 200
        assert "Dapur Contoh" in page.text
        assert world.client.get("/readyz").status_code == 503
        assert world.client.get("/healthz").status_code == 200


def test_broken_templates_still_give_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with the number alone: no traceback, no blank page."""
    with open_world(tmp_path, make_campaign()) as world:
        monkeypatch.setattr("intake.web.rendering.Pages.respond", lambda *_args, **_context: 1 / 0)
        response = world.client.get("/pesan/nastar")
        assert response.status_code == 500
        assert Page(response.text).ids["error"].text == "500"
