"""An organization's own accounts: sealed, bound to their address, tried, given to its calls alone."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.business import Business, add_business
from tests.fakes.calls import open_calls
from tests.fakes.identity import Clock
from tests.fakes.providerkeys import KEY, FakeProbe, provider_keys
from voice_engine.domains.providerkeys.models import ProviderKey
from voice_engine.domains.providerkeys.service import TESTS, WantedAccount
from voice_engine.errors import InvalidInput, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.accounts import ProviderAccount, ProviderKind
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

LLM, STT, TTS = ProviderKind.LLM, ProviderKind.STT, ProviderKind.TTS
URL = "https://models.example.com/v1"
ACTOR = "tests"


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_key_is_sealed_and_only_its_end_is_shown(store: Store, clock: Clock, business: Business) -> None:
    keys = provider_keys(store, clock)

    row = await keys.save(business.organization_id, WantedAccount(kind=LLM, model=" m ", api_key=KEY), actor=ACTOR)

    async with store.system("tests", writes=False) as work:
        stored = (await work.session.execute(sa.select(sa.text("*")).select_from(ProviderKey.__table__))).one()
        noted = (await work.session.scalars(sa.select(AuditRow))).all()
    assert KEY not in str(stored)
    assert (row.key_tail, row.model, row.base_url, row.version) == ("cdef", "m", None, 1)
    assert [(one.action, one.organization_id) for one in noted] == [
        ("provider_key.saved", business.organization_id)
    ]
    assert KEY not in str(noted[0].facts)
    assert "0123" not in repr(WantedAccount(kind=LLM, model="m", api_key=KEY))


async def test_a_short_key_has_no_end_to_show(store: Store, clock: Clock, business: Business) -> None:
    row = await provider_keys(store, clock).save(
        business.organization_id, WantedAccount(kind=LLM, model="m", api_key="secret"), actor=ACTOR
    )

    assert row.key_tail is None


async def test_a_kept_key_stays_with_its_address(store: Store, clock: Clock, business: Business) -> None:
    """Else whoever may change settings could have it sent to a server of their own."""
    keys, probe = provider_keys(store, clock), FakeProbe()
    organization = business.organization_id
    await keys.save(organization, WantedAccount(kind=LLM, model="m", base_url=URL, api_key=KEY), actor=ACTOR)

    await keys.save(organization, WantedAccount(kind=LLM, model="n", base_url=f"{URL}/"), actor=ACTOR)
    for elsewhere in ("https://evil.example.com/v1", None):
        with pytest.raises(InvalidInput) as refused:
            await keys.save(organization, WantedAccount(kind=LLM, model="n", base_url=elsewhere), actor=ACTOR)
        assert refused.value.code == "key_required"

    await provider_keys(store, clock, probe=probe).test(organization, LLM, actor=ACTOR)
    assert probe.asked == [ProviderAccount(kind=LLM, model="n", base_url=URL, api_key=KEY)]


async def test_an_endpoint_may_do_without_a_key_but_the_vendor_does_not(
    store: Store, clock: Clock, business: Business
) -> None:
    keys = provider_keys(store, clock)
    with pytest.raises(InvalidInput, match="give the key"):
        await keys.save(business.organization_id, WantedAccount(kind=STT, model="m"), actor=ACTOR)

    row = await keys.save(business.organization_id, WantedAccount(kind=STT, model="m", base_url=URL), actor=ACTOR)

    assert (row.key_sealed, row.base_url) == (None, URL)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (WantedAccount(kind=LLM, model="m", base_url="https://inside.example.com", api_key=KEY), "address_refused"),
        (WantedAccount(kind=LLM, model="m", base_url="http://a.example.com", api_key=KEY), "https_required"),
        (WantedAccount(kind=LLM, model="m", base_url="https://a.example.com/v1?x=1", api_key=KEY), "url_invalid"),
        (WantedAccount(kind=LLM, model=" ", api_key=KEY), "model_invalid"),
        (WantedAccount(kind=LLM, model="x" * 101, api_key=KEY), "model_invalid"),
        (WantedAccount(kind=TTS, model="m", api_key=KEY, voice="v" * 101), "voice_invalid"),
        (WantedAccount(kind=LLM, model="m", api_key="two words"), "key_invalid"),
        (WantedAccount(kind=LLM, model="m", api_key="k\nX-Header: 1"), "key_invalid"),
        (WantedAccount(kind=LLM, model="m", api_key="k" * 501), "key_invalid"),
    ],
)
async def test_what_no_call_could_use_is_refused(
    store: Store, clock: Clock, business: Business, wanted: WantedAccount, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await provider_keys(store, clock).save(business.organization_id, wanted, actor=ACTOR)

    assert refused.value.code == code


async def test_a_test_says_what_came_back_and_is_kept(store: Store, clock: Clock, business: Business) -> None:
    probe = FakeProbe()
    keys = provider_keys(store, clock, probe=probe)
    await keys.save(business.organization_id, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR)

    good = await keys.test(business.organization_id, LLM, actor=ACTOR)
    async with store.read(business.organization_id) as work:
        (after_good,) = await keys.list_all(work)
    probe.fault = UpstreamFailed("provider_refused", "no", provider="x", retryable=False)
    bad = await keys.test(business.organization_id, LLM, actor=ACTOR)
    async with store.read(business.organization_id) as work:
        (after_bad,) = await keys.list_all(work)

    assert (good.code, good.detail, after_good.test_code, after_good.tested_at) == (None, '"ready"', None, clock())
    assert (bad.code, after_bad.test_code, after_bad.test_detail) == ("provider_refused", "provider_refused", "no")


async def test_a_change_forgets_the_test_of_what_was_before(store: Store, clock: Clock, business: Business) -> None:
    keys = provider_keys(store, clock)
    wanted = WantedAccount(kind=LLM, model="m", api_key=KEY)
    await keys.save(business.organization_id, wanted, actor=ACTOR)
    await keys.test(business.organization_id, LLM, actor=ACTOR)

    row = await keys.save(business.organization_id, wanted, actor=ACTOR)

    assert (row.tested_at, row.version) == (None, 2)


async def test_tests_have_a_limit(store: Store, clock: Clock, business: Business) -> None:
    keys = provider_keys(store, clock)
    await keys.save(business.organization_id, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR)
    for _ in range(TESTS.most):
        await keys.test(business.organization_id, LLM, actor=ACTOR)

    with pytest.raises(QuotaExceeded):
        await keys.test(business.organization_id, LLM, actor=ACTOR)


async def test_anothers_account_is_not_there(store: Store, clock: Clock, business: Business) -> None:
    keys, other = provider_keys(store, clock), await add_business(store, name="Other")
    await keys.save(other.organization_id, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR)

    async with store.begin(business.organization_id) as work:
        assert not await keys.list_all(work)
        with pytest.raises(NotFound):
            await keys.remove(work, LLM, actor=ACTOR)
        with pytest.raises(NotFound):
            await keys.set_enabled(work, LLM, enabled=False, actor=ACTOR)
    with pytest.raises(NotFound):
        await keys.test(business.organization_id, LLM, actor=ACTOR)
    await keys.save(business.organization_id, WantedAccount(kind=LLM, model="mine", api_key=KEY), actor=ACTOR)
    async with store.read(other.organization_id) as work:
        assert [row.model for row in await keys.list_all(work)] == ["m"]


async def test_a_call_gets_its_own_organizations_accounts(store: Store, clock: Clock, tmp_path: Path) -> None:
    keys, rig, other = provider_keys(store, clock), await open_calls(store, tmp_path), await add_business(store)
    mine, call = rig.account.organization_id, await rig.ask()
    await keys.save(other.organization_id, WantedAccount(kind=LLM, model="other", api_key=KEY), actor=ACTOR)
    assert await keys.for_call(call.id) is None
    assert await keys.for_call("00000000-0000-0000-0000-000000000000") is None

    await keys.save(mine, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR)
    await keys.save(mine, WantedAccount(kind=TTS, model="t", base_url=URL, voice="eva"), actor=ACTOR)
    both = await keys.for_call(call.id)
    async with store.begin(mine) as work:
        await keys.set_enabled(work, LLM, enabled=False, actor=ACTOR)
    one = await keys.for_call(call.id)

    assert both is not None
    assert both.accounts == (
        ProviderAccount(kind=LLM, model="m", api_key=KEY),
        ProviderAccount(kind=TTS, model="t", base_url=URL, voice="eva"),
    )
    assert one is not None
    assert [account.kind for account in one.accounts] == [TTS]
    assert one.version != both.version


async def test_a_key_that_another_installation_sealed_is_left_out(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    """A restored database without its key still takes calls."""
    rig = await open_calls(store, tmp_path)
    call = await rig.ask()
    await provider_keys(store, clock).save(
        rig.account.organization_id, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR
    )

    assert await provider_keys(store, clock, box=SecretBox(bytes(32))).for_call(call.id) is None


async def test_what_is_removed_is_gone(store: Store, clock: Clock, business: Business) -> None:
    keys = provider_keys(store, clock)
    await keys.save(business.organization_id, WantedAccount(kind=LLM, model="m", api_key=KEY), actor=ACTOR)

    async with store.begin(business.organization_id) as work:
        await keys.remove(work, LLM, actor=ACTOR)

    async with store.read(business.organization_id) as work:
        assert not await keys.list_all(work)
