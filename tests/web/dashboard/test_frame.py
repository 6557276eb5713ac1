"""What every page of the web app has: who may see it, what it promises a browser, and how it says no."""

import datetime as dt
import hashlib
import re
from importlib.resources import files

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.business import add_business
from tests.fakes.dashboard import dashboard, start_session
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.app import AREAS
from voice_engine.web.dashboard.assets import Assets
from voice_engine.web.dashboard.words import COMMON


async def test_a_stranger_is_sent_to_sign_in_and_back(store: Store) -> None:
    async with dashboard(store, None) as tab:
        answer = await tab.client.get("/app/calls?status=live", headers={"Accept": "text/html"})

        assert answer.status_code == 303
        assert answer.headers["location"] == "/v1/auth/login?continue=%2Fapp%2Fcalls%3Fstatus%3Dlive"


async def test_a_strangers_script_is_told_so(store: Store) -> None:
    async with dashboard(store, None) as tab:
        answer = await tab.client.get("/app", headers={"Accept": "application/json"})

        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")


async def test_both_kinds_of_account_see_their_home(store: Store) -> None:
    ada, dentist = await add_account(store), await add_business(store, name="Bright Smile Dental")
    async with dashboard(store, ada) as tab:
        assert "Ada" in await tab.get("/app")
    async with dashboard(store, dentist) as tab:
        assert "Bright Smile Dental" in await tab.get("/app")


async def test_a_form_without_this_sessions_token_changes_nothing(store: Store) -> None:
    """Another site's form has the cookie, by an old browser, and not the token."""
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        forms = [{"language": "es"}, {"language": "es", "csrf": "0" * 40}]
        refused = [await tab.client.post("/app/language", data=form) for form in forms]

        assert [answer.status_code for answer in refused] == [403, 403]
        assert '<html lang="en"' in await tab.get("/app")


async def test_a_page_of_another_site_changes_nothing(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        form = {"language": "es", "csrf": tab.csrf}
        answer = await tab.client.post("/app/language", data=form, headers={"Origin": "https://evil.example"})

        assert answer.status_code == 403


async def test_the_language_is_kept_and_one_comes_back_to_a_page_of_ours(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        stays = await tab.client.post(
            "/app/language", data={"language": "es", "csrf": tab.csrf, "back": "/app/calls"}
        )
        leaves = await tab.client.post("/app/language", data={"language": "es", "csrf": tab.csrf, "back": "//evil"})

        assert (stays.headers["location"], leaves.headers["location"]) == ("/app/calls", "/app")
        assert '<html lang="es"' in await tab.get("/app")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/app", "/app"),
        ("/app/reception", "/app/reception"),
        ("/app/rules/new", "/app/reception"),
        ("/app/contacts", "/app/reception"),
        ("/app/voicemails", "/app/reception"),
        ("/app/actions", "/app/reception"),
        ("/app/rulesets", None),
        ("/app/settings/tokens", "/app/settings"),
    ],
)
def test_a_page_has_its_place_in_the_menu(path: str, place: str | None) -> None:
    menu = [item for area in AREAS for item in area.menu]

    assert [item.path for item in menu if item.holds(path)] == ([place] if place else [])


async def test_signing_out_ends_the_session(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        await tab.post("/app/sign-out")
        answer = await tab.client.get("/app")

        assert answer.status_code == 303


async def test_a_closed_account_a_due_password_and_a_suspended_business(store: Store) -> None:
    ada = await add_account(store)
    due, stopped = (
        await add_business(store, must_change_password=True),
        await add_business(store, status=OrganizationStatus.SUSPENDED),
    )
    now = dt.datetime(2026, 2, 13, tzinfo=dt.UTC)
    async with dashboard(store, due) as tab:
        assert (await tab.client.get("/app/calls")).status_code in {303, 404}
        assert (await tab.client.get("/app")).headers["location"] == "/app/password"
        assert (await tab.post("/app/language", {"language": "es"})).status_code == 403
        assert "before anything else" in await tab.get("/app/password")
    async with dashboard(store, stopped) as tab:
        assert "suspended" in await tab.get("/app", status=403)
    async with dashboard(store, ada) as tab:
        async with store.system("the operator closes an account") as work:
            await accounts.set_disabled(work, ada.user_id, disabled=True, now=now, actor="operator")
        assert (await tab.client.get("/app")).status_code == 303


async def test_what_is_not_there_is_a_page_an_alert_or_json(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/none", status=404)
        assert "There is nothing here" in page
        assert "<title>Page not found" in page
        assert "Reference" not in page, "nobody looks a mistyped address up in a log"
        alert = await tab.client.get("/app/none", headers={"HX-Request": "true"})
        assert (alert.status_code, alert.headers["hx-retarget"]) == (404, "#notice")
        assert alert.text.startswith("<p")
        assert (await tab.ask("/app/none", method="GET")).json()["error"]["code"] == "not_found"


async def test_the_two_sign_ins_cookies_are_both_read(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, None) as tab:
        token = await start_session(store, ada)

        assert (await tab.client.get("/app", headers={"Cookie": f"ve_session={token}"})).status_code == 200


async def test_over_https_a_cookie_that_could_be_planted_is_nobodys(store: Store) -> None:
    """The built-in sign-in's name is bound to the host and comes first; names without a prefix are not read."""
    ada, mallory = (
        await start_session(store, await add_account(store)),
        await start_session(store, await add_account(store, "Mallory")),
    )
    async with dashboard(store, None, public_url="https://calls.example.com") as tab:

        async def who(cookies: str) -> str:
            return (await tab.client.get("/app/account", headers={"Cookie": cookies})).text

        own, planted = f"__Host-ve_session={ada}", f"__Secure-next-auth.session-token={mallory}"
        assert "ada-" in await who(f"{planted}; {own}") and "mallory-" not in await who(f"{planted}; {own}")
        for name in ("ve_session", "next-auth.session-token"):
            assert await who(f"{name}={mallory}") == ""


async def test_static_files_are_kept_for_ever_and_compressed(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        found = re.search(r'href="(/app/static/[0-9a-f]+/app\.css)"', await tab.get("/app"))
        assert found
        answer = await tab.client.get(found[1], headers={"Accept-Encoding": "gzip"})
        old = await tab.client.get("/app/static/0123456789ab/app.css")

        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
        assert (await tab.client.get("/app/static/x/../../signin.css")).status_code == 404


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_both_languages_have_the_same_words(area: object) -> None:
    for words in (COMMON, getattr(area, "words")):  # noqa: B009
        english, spanish = words["en"], words["es"]
        assert english.keys() == spanish.keys()
        for key, text in english.items():
            holes = [set(re.findall(r"{(\w*)", each)) for each in (text, spanish[key])]
            assert holes[0] == holes[1], key


def test_vendored_files_are_what_their_checksums_say() -> None:
    """A library that somebody edited in place would pass for the vendor's."""
    vendor = files("voice_engine.web.dashboard") / "static" / "vendor"
    lines = (vendor / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split() for line in lines)}

    assert {entry.name for entry in vendor.iterdir() if entry.name.endswith((".js", ".css"))} == sums.keys()
    for name, digest in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name


def test_the_first_page_is_small() -> None:
    """What every page loads, compressed: far below 150 kB with room for a page's own scripts."""
    assets = Assets()
    first = ["app.css", "app.js", "icons.svg", "icon.svg", "vendor/htmx-4.0.1.min.js"]

    assert sum(len(assets.packed(name)) for name in first) < 40_000
