"""What of an organization's settings does not work."""

import datetime as dt

import pytest

from tests.fakes.accounts import NOW, add_account
from tests.fakes.business import Business, add_business
from tests.fakes.hooks import HookRig
from tests.fakes.identity import Clock
from tests.fakes.providerkeys import KEY, FakeProbe, provider_keys
from tests.fakes.receiver import receiver
from voice_engine.domains.checkup.service import Checkup
from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import NewApiToken
from voice_engine.domains.providerkeys.service import WantedAccount
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.accounts import ProviderKind
from voice_engine.store.engine import Store


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store)


async def look(store: Store, organization_id: str) -> dict[str, str]:
    async with store.read(organization_id) as work:
        return {point.code: point.verdict for point in await Checkup(now=lambda: NOW).look(work)}


async def test_a_new_business_has_nobody_to_answer(store: Store, business: Business) -> None:
    assert await look(store, business.organization_id) == {
        "assistant_none": "problem",
        "numbers_none": "warning",
        "calls": "ok",
    }


async def test_a_person_needs_no_assistant(store: Store) -> None:
    account = await add_account(store)

    assert "assistant_none" not in await look(store, account.organization_id)


async def test_an_account_is_doubted_until_it_was_tried(store: Store, business: Business) -> None:
    probe, organization = FakeProbe(), business.organization_id
    keys = provider_keys(store, Clock(), probe=probe)
    await keys.save(organization, WantedAccount(kind=ProviderKind.LLM, model="m", api_key=KEY), actor="t")
    untried = await look(store, organization)
    await keys.test(organization, ProviderKind.LLM, actor="t")
    tried = await look(store, organization)
    probe.fault = UpstreamFailed("provider_refused", "no", provider="x", retryable=False)
    await keys.test(organization, ProviderKind.LLM, actor="t")
    refused = await look(store, organization)
    async with store.begin(organization) as work:
        await keys.set_enabled(work, ProviderKind.LLM, enabled=False, actor="t")

    assert untried["key_untested"] == "warning"
    assert tried["key"] == "ok"
    assert refused["key_failed"] == "problem"
    assert (await look(store, organization))["key_off"] == "warning"


async def test_a_webhook_that_fails_is_seen_before_it_is_given_up(store: Store, business: Business) -> None:
    rig, organization = HookRig(store), business.organization_id
    async with receiver(200, 500, 410) as there:
        made = await rig.endpoint(organization, there.url)
        seen = []
        for _ in range(2):
            await rig.service.send_test(organization, made.endpoint.id, actor="t")
            await rig.jobs.run_due()
            seen.append(await look(store, organization))
        async with store.begin(organization) as work:
            await rig.service.set_enabled(work, made.endpoint.id, enabled=False, actor="t")

    assert seen[0]["hook"] == "ok"
    assert seen[1]["hook_failing"] == "warning"
    assert (await look(store, organization))["hook_off"] == "ok"


async def test_a_token_that_ends_soon_is_told(store: Store, business: Business) -> None:
    async with store.begin(business.organization_id) as work:
        for days in (3, 30):
            wanted = NewApiToken(
                user_id=business.user_id,
                organization_id=business.organization_id,
                label=f"in {days} days",
                lifetime=dt.timedelta(days=days),
            )
            await api_tokens.create(work, wanted, now=NOW, actor="t")

    async with store.read(business.organization_id) as work:
        points = [point for point in await Checkup(now=lambda: NOW).look(work) if point.code == "token_ends"]

    assert [point.facts["label"] for point in points] == ["in 3 days"]
