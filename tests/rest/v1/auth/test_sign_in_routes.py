"""Signing in and up on the pages, the account page, links that work once, and how often one may try."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import Account
from tests.fakes.auth_app import FakeBrowser, fake_browser
from tests.fakes.identity import ISSUER, PASSWORD, Bench, Setup, open_bench
from tests.rest.v1.auth.conftest import email_of, sign_in
from voice_engine.domains.accounts import service as accounts
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store

NEW = {"email": "New@Example.com", "password": "a fine password", "name": "Nell New", "consent": "yes"}


async def sign_up(browser: FakeBrowser, **changes: str) -> FakeBrowser:
    await browser.get("/v1/auth/login?new=1&lang=en")
    await browser.submit(**{**NEW, **changes})  # type: ignore[arg-type]  # fields, no form
    return browser


# --- signing in --------------------------------------------------------------------------------------------------


async def test_the_account_page_shows_who_is_signed_in(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)

    assert await email_of(bench, ada) in browser.page.text
    assert "Connected apps" in browser.page.text


async def test_an_address_is_known_however_it_is_written(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await browser.get("/v1/auth/login")

    page = await browser.submit(email=f"  {(await email_of(bench, ada)).upper()} ", password=PASSWORD)

    assert page.status_code == 200


async def test_unknown_and_wrong_read_the_same(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await browser.get("/v1/auth/login")
    wrong = await browser.submit(email=await email_of(bench, ada), password="wrong password")
    unknown = await browser.submit(email="nobody@example.com", password="wrong password")

    assert wrong.status_code == unknown.status_code == 403
    assert "Email or password is wrong." in wrong.text
    blank = [page.text.replace(email, "") for page, email in
             ((wrong, await email_of(bench, ada)), (unknown, "nobody@example.com"))]  # fmt: skip
    assert blank[0] == blank[1]


async def test_a_password_is_never_shown_again(browser: FakeBrowser) -> None:
    await browser.get("/v1/auth/login")

    page = await browser.submit(email="nobody@example.com", password="hunter2-hunter2")

    assert "hunter2" not in page.text


async def test_what_was_typed_cannot_become_markup(browser: FakeBrowser) -> None:
    await browser.get("/v1/auth/login")

    page = await browser.submit(email='"><script>alert(1)</script>', password="x")

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x",
        "\t//evil.example", "",
    ],
)  # fmt: skip
async def test_the_way_on_stays_with_us(browser: FakeBrowser, bench: Bench, ada: Account, target: str) -> None:
    await browser.get("/v1/auth/login")
    form = browser.forms[0]
    fields = {**form.fields, "continue": target, "email": await email_of(bench, ada), "password": PASSWORD}

    answer = await browser.http.post(form.action, data=fields)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/v1/auth/login") or answer.headers["location"] == target
    assert "evil" not in answer.headers["location"]
    assert "\r" not in str(answer.headers)


async def test_the_session_cookie_cannot_be_read_by_scripts(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    await browser.get("/v1/auth/login")
    form = browser.forms[0]
    fields = {**form.fields, "email": await email_of(bench, ada), "password": PASSWORD}

    cookie = (await browser.http.post(form.action, data=fields)).headers["set-cookie"]

    assert cookie.startswith("ve_session=ves_")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_by_https_cookies_are_bound_to_the_host(store: Store, ada: Account) -> None:
    secure = open_bench(store, Setup().but(issuer="https://calls.example"))
    async with fake_browser(secure, base_url="https://calls.example") as browser:
        page = await browser.get("/v1/auth/login")

    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-ve_csrf=")
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie


async def test_a_new_sign_in_ends_the_browsers_earlier_session(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    """A session that somebody planted before is not the one that the person then uses."""
    await sign_in(browser, bench, ada)
    planted = browser.http.cookies["ve_session"]
    await browser.submit(browser.forms[-1])  # sign out
    await sign_in(browser, bench, ada)

    assert browser.http.cookies["ve_session"] != planted
    assert await bench.identity.sessions.find(planted) is None


async def test_signing_out_ends_the_session_itself(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)
    stolen = browser.http.cookies["ve_session"]

    await browser.submit(next(form for form in browser.forms if form.action.endswith("logout")))

    assert await bench.identity.sessions.find(stolen) is None
    assert "Sign in" in browser.page.text


async def test_another_site_cannot_sign_anybody_in_or_out(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)

    for path in ("/v1/auth/login", "/v1/auth/logout", "/v1/auth/link"):
        answer = await browser.http.post(path, data={"email": "x"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, path


async def test_our_own_origin_is_accepted_under_either_name(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    await browser.get("/v1/auth/login")
    form = browser.forms[0]
    fields = {**form.fields, "email": await email_of(bench, ada), "password": PASSWORD}

    for origin, host in ((ISSUER, "api.test"), ("http://localhost:8000", "localhost:8000")):
        answer = await browser.http.post(
            form.action,
            data=fields,
            headers={"Origin": origin, "Host": host, "Cookie": f"ve_csrf={fields['csrf']}"},
        )
        assert answer.status_code == 303, origin


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("es-MX,es;q=0.9", "Iniciar sesión"), ("fr,de", "Sign in"), ("en-GB", "Sign in"), ("", "Sign in"),
        ("fr, es", "Iniciar"),
    ],
)  # fmt: skip
async def test_the_page_speaks_the_browsers_language(browser: FakeBrowser, header: str, words: str) -> None:
    page = await browser.get("/v1/auth/login", Accept_Language=header)

    assert words in page.text


# --- how often ---------------------------------------------------------------------------------------------------


async def test_ten_wrong_passwords_are_enough_even_across_a_restart(
    browser: FakeBrowser, bench: Bench, ada: Account, store: Store
) -> None:
    email = await email_of(bench, ada)
    await browser.get("/v1/auth/login")
    for _ in range(10):
        assert (await browser.submit(email=email, password="wrong password")).status_code == 403

    restarted = open_bench(store, Setup(clock=bench.clock))
    async with fake_browser(restarted) as again:
        await again.get("/v1/auth/login")
        page = await again.submit(email=email, password=PASSWORD)
        assert page.status_code == 429
        assert "Try again in 15 min." in page.text
        assert page.headers["retry-after"] == "900"
        bench.clock.advance(seconds=900)
        assert (await again.submit(email=email, password=PASSWORD)).status_code == 200


async def test_a_good_password_forgives_the_bad_ones(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    email = await email_of(bench, ada)
    for _ in range(3):
        await browser.get("/v1/auth/login")
        for _ in range(6):
            await browser.submit(email=email, password="wrong password")
        await browser.submit(email=email, password=PASSWORD)
        assert browser.page.status_code == 200
        await browser.submit(browser.forms[-1])


async def test_one_address_may_not_try_many_accounts(browser: FakeBrowser) -> None:
    await browser.get("/v1/auth/login")

    pages = [await browser.submit(email=f"user{n}@example.com", password="x" * 9) for n in range(61)]

    assert [page.status_code for page in pages] == [403] * 60 + [429]


# --- signing up --------------------------------------------------------------------------------------------------


async def test_an_account_is_made_and_signed_in(browser: FakeBrowser, bench: Bench) -> None:
    await sign_up(browser)

    assert browser.page.status_code == 200
    assert "new@example.com" in browser.page.text
    async with bench.store.system("test", writes=False) as work:
        user = await accounts.find_by_email(work, "new@example.com")
        assert user is not None
        assert user.consented_at == bench.clock()
        assert not user.is_operator
        assert PASSWORD not in (user.password_hash or "")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "1234567"}, 400, "8 characters or more"),
        ({"password": "p" * 257}, 400, "at most 256"),
        ({"password": "Password1"}, 400, "first to be guessed"),
        ({"password": "new@example.com"}, 400, "first to be guessed"),
        ({"email": "not an address"}, 400, "not an email address"),
        ({"email": "a@b\r\nBcc: c@d"}, 400, "not an email address"),
        ({"consent": ""}, 400, "Without your agreement"),
    ],
)
async def test_a_sign_up_that_does_not_fit_says_why(
    browser: FakeBrowser, changes: dict[str, str], status: int, words: str
) -> None:
    await sign_up(browser, **changes)

    assert browser.page.status_code == status
    assert words in browser.page.text
    assert "Nell New" in browser.page.text  # what was typed is still there


async def test_an_address_has_one_account(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_up(browser, email=(await email_of(bench, ada)).upper())

    assert browser.page.status_code == 409


async def test_a_closed_server_offers_and_takes_no_sign_up(store: Store) -> None:
    closed = open_bench(store, Setup().but(open_sign_up=False))
    async with fake_browser(closed) as browser:
        page = await browser.get("/v1/auth/login")
        assert "Create account" not in page.text
        page = await browser.submit(browser.forms[0], **{**NEW, "new": "1"})

    assert page.status_code == 403


# --- links -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def empty(store: Store) -> AsyncIterator[tuple[Bench, FakeBrowser]]:
    """A server that was just installed."""
    bench = open_bench(store, Setup().but(open_sign_up=False))
    async with fake_browser(bench) as browser:
        yield bench, browser


async def test_the_first_link_makes_the_operator_once(empty: tuple[Bench, FakeBrowser]) -> None:
    bench, browser = empty
    token = await bench.identity.sign_in.first_link()

    await browser.get(f"/v1/auth/link?token={token}")
    await browser.get(f"/v1/auth/link?token={token}")  # opening spends nothing
    await browser.submit(**NEW)  # type: ignore[arg-type]  # fields, no form
    assert "new@example.com" in browser.page.text

    async with fake_browser(bench) as other:
        assert (await other.get(f"/v1/auth/link?token={token}")).status_code == 403
    assert await bench.identity.sign_in.first_link() is None
    async with bench.store.system("test", writes=False) as work:
        (user,) = await accounts.list_all(work)
        assert user.is_operator


async def test_the_first_link_lives_fifteen_minutes(empty: tuple[Bench, FakeBrowser]) -> None:
    bench, browser = empty
    token = await bench.identity.sign_in.first_link()
    await browser.get(f"/v1/auth/link?token={token}")
    bench.clock.advance(minutes=15)

    page = await browser.submit(**NEW)  # type: ignore[arg-type]  # fields, no form

    assert page.status_code == 403


async def test_a_new_start_makes_the_earlier_link_worthless(empty: tuple[Bench, FakeBrowser]) -> None:
    bench, browser = empty
    earlier = await bench.identity.sign_in.first_link()
    await bench.identity.sign_in.first_link()

    assert (await browser.get(f"/v1/auth/link?token={earlier}")).status_code == 403


async def test_a_form_that_does_not_fit_does_not_spend_the_link(empty: tuple[Bench, FakeBrowser]) -> None:
    bench, browser = empty
    await browser.get(f"/v1/auth/link?token={await bench.identity.sign_in.first_link()}")

    page = await browser.submit(**{**NEW, "password": "short"})  # type: ignore[arg-type]  # fields, no form
    assert page.status_code == 400
    page = await browser.submit(**NEW)  # type: ignore[arg-type]  # fields, no form

    assert page.status_code == 200


async def test_a_link_signs_its_user_in_once(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    token = await bench.identity.sign_in.link_for(ada.user_id)
    page = await browser.get(f"/v1/auth/link?token={token}")
    assert await email_of(bench, ada) in page.text
    form = browser.forms[0]

    await browser.submit(form)
    assert "Your account" in browser.page.text

    async with fake_browser(bench) as other:
        await other.get("/v1/auth/login")
        page = await other.submit(form, csrf=other.forms[0].fields["csrf"])
        assert page.status_code == 403


# --- the account page --------------------------------------------------------------------------------------------


async def test_consent_to_calls_can_be_withdrawn_and_given_again(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    await sign_in(browser, bench, ada)

    await browser.submit(browser.forms[0], answer="withdraw_calls")
    assert "No calls are placed" in browser.page.text
    async with bench.store.system("test", writes=False) as work:
        assert (await accounts.get(work, ada.user_id)).consented_at is None
    await browser.submit(browser.forms[0], answer="allow_calls")

    assert "You agreed" in browser.page.text


async def test_a_disconnected_client_is_out_and_must_ask_again(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    address = "/v1/auth/authorize?response_type=code&client_id=gpt&redirect_uri=https://chat.example/oauth/callback"
    await sign_in(browser, bench, ada)
    await browser.get(address)
    await browser.submit(answer="allow")
    token = await bench.bearer(ada, client_id="gpt")
    await browser.get("/v1/auth/login")
    assert "ChatGPT" in browser.page.text

    await browser.submit(next(form for form in browser.forms if "client_id" in form.fields), answer="disconnect")

    assert "No app has access" in browser.page.text
    assert (
        await browser.http.get("/v1/test/guarded", headers={"Authorization": f"Bearer {token}"})
    ).status_code == 401
    page = await browser.get(address)
    assert "ChatGPT wants access" in page.text


# --- what is kept ------------------------------------------------------------------------------------------------


async def test_no_secret_is_stored_or_noted_in_clear(
    browser: FakeBrowser, bench: Bench, ada: Account, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every table and the log, after every kind of secret was made."""
    await sign_in(browser, bench, ada)
    await browser.get("/v1/auth/cli?redirect_uri=http://localhost:1/&state=s")
    secrets = [browser.parameters["access_token"], browser.parameters["refresh_token"]]
    rotated = await bench.identity.tokens.refresh(secrets[1])
    secrets += [rotated.access_token, rotated.refresh_token, PASSWORD, browser.http.cookies["ve_session"]]
    secrets.append(await bench.identity.sign_in.link_for(ada.user_id))
    log = capsys.readouterr()

    async with store.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        dump = "".join([str((await connection.execute(sa.text(f"SELECT * FROM {name}"))).all()) for name in names])

    assert [secret for secret in secrets if secret in dump + log.out + log.err] == []


async def test_sign_ins_and_refusals_are_noted(
    browser: FakeBrowser, bench: Bench, ada: Account, store: Store
) -> None:
    await browser.get("/v1/auth/login")
    await browser.submit(email=await email_of(bench, ada), password="wrong password")
    await browser.submit(email=await email_of(bench, ada), password=PASSWORD)

    async with store.system("test", writes=False) as work:
        noted = set(await work.session.scalars(sa.select(AuditRow.action)))
    assert {"session.refused", "session.started"} <= noted


async def test_tokens_and_their_ends_are_noted(bench: Bench, ada: Account, store: Store) -> None:
    token = await bench.bearer(ada)
    await bench.identity.tokens.revoke(token, client=None)

    async with store.system("test", writes=False) as work:
        rows = (await work.session.scalars(sa.select(AuditRow).order_by(AuditRow.at))).all()
        noted = {(row.action, row.actor, row.organization_id) for row in rows}
    assert ("token.issued", ada.user_id, ada.organization_id) in noted
    assert ("token.revoked", ada.user_id, ada.organization_id) in noted
