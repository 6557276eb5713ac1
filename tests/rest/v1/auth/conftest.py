"""Identity over HTTP: a bench, somebody with a password, a program and a browser."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.accounts import Account, add_account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.auth_app import FakeBrowser, auth_app, fake_browser
from tests.fakes.identity import PASSWORD, Bench, open_bench
from voice_engine.domains.accounts import service as accounts
from voice_engine.store.engine import Store


@pytest.fixture
def bench(store: Store) -> Bench:
    return open_bench(store)


@pytest.fixture
async def ada(bench: Bench) -> Account:
    """Somebody with a password."""
    account = await add_account(bench.store, "Ada")
    email = await email_of(bench, account)
    hashed = await bench.identity.sign_in.hash_password(PASSWORD, email=email)
    async with bench.store.begin(account.organization_id) as work:
        await accounts.set_password(work, account.user_id, hashed, now=bench.clock(), actor="test")
    return account


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[ApiClient]:
    async with api_client(auth_app(bench)) as client:
        yield client


@pytest.fixture
async def browser(bench: Bench) -> AsyncIterator[FakeBrowser]:
    async with fake_browser(bench) as opened:
        yield opened


async def email_of(bench: Bench, account: Account) -> str:
    async with bench.store.system("test", writes=False) as work:
        return (await accounts.get(work, account.user_id)).email


async def sign_in(browser: FakeBrowser, bench: Bench, account: Account) -> None:
    """Sign in by the page and its form."""
    await browser.get("/v1/auth/login")
    await browser.submit(email=await email_of(bench, account), password=PASSWORD)
    assert browser.page.status_code == 200, browser.page.text
