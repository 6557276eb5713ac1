"""Endpoints as their owner sees them."""

import pytest
import sqlalchemy as sa

from tests.fakes.business import Business, add_business
from tests.fakes.hooks import ACTOR, HookRig
from tests.fakes.receiver import receiver
from voice_engine.domains.hooks import words
from voice_engine.domains.hooks.models import HookEndpoint
from voice_engine.domains.hooks.service import BY_HAND, MOST_ENDPOINTS, WantedEndpoint
from voice_engine.domains.hooks.signing import sign
from voice_engine.errors import InvalidInput, NotFound, QuotaExceeded
from voice_engine.providers.guarded import Guard
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store

URL = "https://hooks.example.com/in"


async def anywhere(host: str, port: int) -> list[str]:
    return ["127.0.0.1"] if host.startswith("inside") else ["93.184.215.14"]


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store)


@pytest.fixture
def rig(store: Store) -> HookRig:
    return HookRig(store, guard=Guard(resolve=anywhere))


async def audited(store: Store, organization_id: str) -> list[str]:
    async with store.system("tests", writes=False) as work:
        wanted = sa.select(AuditRow.action).where(AuditRow.organization_id == organization_id)
        return sorted(await work.session.scalars(wanted))


async def test_a_secret_stands_nowhere_in_clear(rig: HookRig, store: Store, business: Business) -> None:
    made = await rig.endpoint(business.organization_id, URL, [words.ENDED, words.STARTED])

    async with store.system("tests", writes=False) as work:
        row = (await work.session.execute(sa.select(sa.text("*")).select_from(HookEndpoint.__table__))).one()
    assert made.secret.startswith("whsec_")
    assert made.secret not in str(row)
    assert made.secret not in repr(made)
    assert made.endpoint.events == [words.STARTED, words.ENDED]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (WantedEndpoint(url="https://inside.example.com", events=[words.ENDED]), "address_refused"),
        (WantedEndpoint(url="http://hooks.example.com", events=[words.ENDED]), "https_required"),
        (WantedEndpoint(url="hooks.example.com", events=[words.ENDED]), "url_invalid"),
        (WantedEndpoint(url=f"{URL}/{'x' * 500}", events=[words.ENDED]), "url_invalid"),
        (WantedEndpoint(url=URL, events=[]), "events_invalid"),
        (WantedEndpoint(url=URL, events=["call.exploded"]), "events_invalid"),
        (WantedEndpoint(url=URL, events=[words.TEST]), "events_invalid"),
        (WantedEndpoint(url=URL, events=[words.ENDED], description="x" * 201), "description_invalid"),
    ],
)
async def test_what_cannot_be_delivered_to_is_refused(
    rig: HookRig, business: Business, wanted: WantedEndpoint, code: str
) -> None:
    with pytest.raises(InvalidInput) as made:
        await rig.service.create(business.organization_id, wanted, actor=ACTOR)
    endpoint = await rig.endpoint(business.organization_id, URL)
    with pytest.raises(InvalidInput) as changed:
        await rig.service.change(business.organization_id, endpoint.endpoint.id, wanted, actor=ACTOR)

    assert (made.value.code, changed.value.code) == (code, code)


async def test_there_is_an_end_to_endpoints(rig: HookRig, business: Business) -> None:
    for _ in range(MOST_ENDPOINTS):
        await rig.endpoint(business.organization_id, URL)

    with pytest.raises(QuotaExceeded, match="delete one"):
        await rig.endpoint(business.organization_id, URL)


async def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        async with store.begin(business.organization_id) as work:
            renewed = await rig.service.rotate(work, made.endpoint.id, actor=ACTOR)
        for hours in (23, 2):
            rig.clock.advance(hours=hours)
            await rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR)
            await rig.jobs.run_due()

    signatures = [
        [sign(key, got.headers["webhook-id"], int(got.headers["webhook-timestamp"]), got.body) for key in keys]
        for got, keys in zip(there.got, [(renewed.secret, made.secret), (renewed.secret,)], strict=True)
    ]
    assert [got.headers["webhook-signature"].split(" ") for got in there.got] == signatures


async def test_every_change_is_audited(rig: HookRig, store: Store, business: Business) -> None:
    organization_id = business.organization_id
    made = await rig.endpoint(organization_id, URL)
    await rig.service.change(
        organization_id, made.endpoint.id, WantedEndpoint(url=URL, events=[words.ENDED]), actor=ACTOR
    )
    async with store.begin(organization_id) as work:
        await rig.service.rotate(work, made.endpoint.id, actor=ACTOR)
        await rig.service.set_enabled(work, made.endpoint.id, enabled=False, actor=ACTOR)
        await rig.service.set_enabled(work, made.endpoint.id, enabled=True, actor=ACTOR)
        await rig.service.remove(work, made.endpoint.id, actor=ACTOR)

    assert await audited(store, organization_id) == [
        "webhook.changed",
        "webhook.created",
        "webhook.disabled",
        "webhook.enabled",
        "webhook.removed",
        "webhook.rotated",
    ]


async def test_anothers_endpoints_are_not_there(rig: HookRig, store: Store, business: Business) -> None:
    other = await add_business(store, name="Other")
    made = await rig.endpoint(other.organization_id, URL)
    message = await rig.service.send_test(other.organization_id, made.endpoint.id, actor=ACTOR)
    wanted = WantedEndpoint(url=URL, events=[words.ENDED])

    for refused in (
        rig.see(business.organization_id, made.endpoint.id),
        rig.service.change(business.organization_id, made.endpoint.id, wanted, actor=ACTOR),
        rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR),
        rig.service.redeliver(business.organization_id, message.id, actor=ACTOR),
    ):
        with pytest.raises(NotFound):
            await refused
    async with store.begin(business.organization_id) as work:
        assert not await rig.service.list_endpoints(work)
        with pytest.raises(NotFound):
            await rig.service.remove(work, made.endpoint.id, actor=ACTOR)
        with pytest.raises(NotFound):
            await rig.service.get_delivery(work, "no-id")
    assert (await rig.see(other.organization_id, made.endpoint.id)).url == URL


async def test_sending_by_hand_has_a_limit(rig: HookRig, business: Business) -> None:
    made = await rig.endpoint(business.organization_id, URL)
    for _ in range(BY_HAND.most):
        await rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR)

    with pytest.raises(QuotaExceeded) as refused:
        await rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR)

    assert refused.value.code == "rate_limited"
