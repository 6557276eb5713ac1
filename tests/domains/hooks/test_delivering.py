"""Messages to a real receiver on loopback: signed, repeated under one id, given up, redelivered."""

import datetime as dt
import itertools
import json

import pytest

from tests.fakes.business import Business, add_business
from tests.fakes.hooks import ACTOR, HookRig
from tests.fakes.jobs import InlineAttempt
from tests.fakes.receiver import receiver
from voice_engine.domains.hooks import words
from voice_engine.domains.hooks.models import DeliveryState
from voice_engine.domains.hooks.schedule import SCHEDULE
from voice_engine.domains.hooks.signing import sign
from voice_engine.domains.hooks.telling import HookEvent, tell
from voice_engine.ports.hooks import KEPT_BYTES, HookAnswer, HookRequest
from voice_engine.providers.guarded import Guard
from voice_engine.providers.hooks import HttpHooks
from voice_engine.store.engine import Store


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store)


async def happen(rig: HookRig, business: Business, event: str = words.ENDED, **data: object) -> None:
    async with rig.store.begin(business.organization_id) as work:
        await tell(work, business.organization_id, [HookEvent(type=event, at=rig.clock(), data=data)])


async def tidy(rig: HookRig) -> None:
    await rig.kinds[words.TIDY].handler.run({}, InlineAttempt(job_id="f", number=1, most=1))


async def test_a_message_arrives_signed_over_its_id_its_time_and_its_body(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business, status="completed", note="¡Adiós!")
        rig.clock.advance(seconds=40)
        await rig.jobs.run_due()

    (got,) = there.got
    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    stamp = int(rig.clock().timestamp())
    assert got.headers["webhook-id"] == delivery.id
    assert got.headers["webhook-timestamp"] == str(stamp)
    assert got.headers["webhook-signature"] == sign(made.secret, delivery.id, stamp, got.body)
    assert got.headers["content-type"] == "application/json"
    assert got.path == "/hooks?tenant=1"
    told = json.loads(got.body)
    assert told["type"] == "call.ended"
    assert told["data"] == {"status": "completed", "note": "¡Adiós!"}
    assert dt.datetime.fromisoformat(told["timestamp"]) == rig.clock() - dt.timedelta(seconds=40)
    assert (delivery.state, delivery.attempts, delivery.next_at) == (DeliveryState.DELIVERED, 1, None)


async def test_only_what_an_endpoint_asked_for_is_sent_to_it(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver() as there:
        await rig.endpoint(business.organization_id, there.url, [words.VOICEMAIL])
        await happen(rig, business, words.ENDED)
        await happen(rig, business, words.VOICEMAIL)
        await rig.jobs.run_due()

    assert [json.loads(got.body)["type"] for got in there.got] == ["voicemail.received"]


async def test_what_is_not_committed_is_not_sent(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        with pytest.raises(ZeroDivisionError):
            async with store.begin(business.organization_id) as work:
                await tell(work, business.organization_id, [HookEvent(type=words.ENDED, at=rig.clock())])
                raise ZeroDivisionError
        await rig.jobs.run_due()

    assert not there.got
    assert not await rig.log(business.organization_id, made.endpoint.id)


async def test_another_business_is_told_nothing(store: Store, business: Business) -> None:
    rig, other = HookRig(store), await add_business(store, name="Other")
    async with receiver() as there:
        await rig.endpoint(other.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()

    assert not there.got


async def test_what_is_refused_is_sent_again_later_and_later_under_one_id(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver(500, 503, 429, 200) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.work_until_idle()

    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    tries = await rig.attempts(business.organization_id, delivery.id)
    gaps = [later.at - earlier.at for later, earlier in itertools.pairwise(tries)]
    assert {got.headers["webhook-id"] for got in there.got} == {delivery.id}
    assert len({got.body for got in there.got}) == 1
    assert len({got.headers["webhook-signature"] for got in there.got}) == 4
    assert [gap.total_seconds() for gap in gaps] == [80, 20, 5]
    assert [one.status for one in tries] == [200, 429, 503, 500]
    assert tries[0].response == "thanks"
    assert delivery.state == DeliveryState.DELIVERED
    assert (await rig.see(business.organization_id, made.endpoint.id)).failing_since is None


async def test_after_three_days_a_message_is_lost_and_its_endpoint_switched_off(
    store: Store, business: Business
) -> None:
    rig = HookRig(store)
    async with receiver(*[500] * 40) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.work_until_idle()
        assert len(there.got) == SCHEDULE.attempts

        await happen(rig, business)
        await rig.work_until_idle()

    endpoint = await rig.see(business.organization_id, made.endpoint.id)
    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    assert (delivery.state, delivery.tries, delivery.last_status) == (DeliveryState.FAILED, SCHEDULE.attempts, 500)
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, "failing")
    assert len(there.got) == SCHEDULE.attempts


async def test_one_lost_message_is_no_reason_while_others_are_taken(store: Store, business: Business) -> None:
    """A receiver that chokes on one message and takes the rest stays on."""
    rig = HookRig(store)
    async with receiver(*[500] * (SCHEDULE.attempts - 1)) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()
        for _ in range(SCHEDULE.attempts - 2):
            (waiting,) = await rig.jobs.waiting(words.DELIVER)
            assert waiting.due_at is not None
            rig.clock.at = waiting.due_at
            await rig.jobs.run_due()
        await rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR)
        await rig.jobs.run_due()
        there.answers.append(500)
        await rig.work_until_idle()

    newest, oldest = await rig.log(business.organization_id, made.endpoint.id)
    assert (newest.event, newest.state) == (words.TEST, DeliveryState.DELIVERED)
    assert (oldest.event, oldest.state) == (words.ENDED, DeliveryState.FAILED)
    assert (await rig.see(business.organization_id, made.endpoint.id)).is_enabled


async def test_a_receiver_that_is_gone_for_good_is_switched_off_at_once(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver(410) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await happen(rig, business)
        await rig.work_until_idle()

    endpoint = await rig.see(business.organization_id, made.endpoint.id)
    waiting, refused = await rig.log(business.organization_id, made.endpoint.id)
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, "gone")
    assert {waiting.state, refused.state} == {DeliveryState.FAILED}
    assert len(there.got) == 1


async def test_a_crash_before_the_answer_is_noted_sends_the_same_message_again(
    store: Store, business: Business
) -> None:
    """At least once, never a second message; and what was noted is not sent again by the job's second run."""
    rig = HookRig(store)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        (row,) = await rig.jobs.waiting(words.DELIVER)
        handler = rig.kinds[words.DELIVER].handler
        await handler.run(row.payload, InlineAttempt(job_id=row.id, number=1, most=9))
        await handler.run(row.payload, InlineAttempt(job_id=row.id, number=2, most=9))
        assert len(there.got) == 1

        crashed = HookRig(store, sender=Crashes(rig.guard))
        await happen(rig, business)
        row = (await rig.jobs.waiting(words.DELIVER))[-1]
        with pytest.raises(KeyboardInterrupt):
            await crashed.kinds[words.DELIVER].handler.run(
                row.payload, InlineAttempt(job_id=row.id, number=1, most=9)
            )
        await handler.run(row.payload, InlineAttempt(job_id=row.id, number=2, most=9))

    assert len(there.got) == 3
    assert there.got[1].headers["webhook-id"] == there.got[2].headers["webhook-id"]
    assert there.got[1].body == there.got[2].body
    newest, _ = await rig.log(business.organization_id, made.endpoint.id)
    assert newest.attempts == 1


class Crashes(HttpHooks):
    """The worker dies between the receiver's answer and our note."""

    async def post(self, request: HookRequest) -> HookAnswer:
        await super().post(request)
        raise KeyboardInterrupt


async def test_a_message_can_be_delivered_again_by_hand(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver(200, 500, 200) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()
        (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
        for _ in range(2):
            await rig.service.redeliver(business.organization_id, delivery.id, actor=ACTOR)
            await rig.work_until_idle()

    tries = await rig.attempts(business.organization_id, delivery.id)
    assert [(one.number, one.status, one.is_manual) for one in tries] == [
        (3, 200, True),
        (2, 500, True),
        (1, 200, False),
    ]
    assert {got.headers["webhook-id"] for got in there.got} == {delivery.id}


async def test_a_test_is_sent_once_also_to_an_endpoint_that_is_off(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver(500, 200) as there:
        made = await rig.endpoint(business.organization_id, there.url, [words.ENDED])
        async with store.begin(business.organization_id) as work:
            await rig.service.set_enabled(work, made.endpoint.id, enabled=False, actor=ACTOR)
        for _ in range(2):
            await rig.service.send_test(business.organization_id, made.endpoint.id, actor=ACTOR)
            await rig.work_until_idle()

    states = [one.state for one in await rig.log(business.organization_id, made.endpoint.id)]
    assert sorted(states) == [DeliveryState.DELIVERED, DeliveryState.FAILED]
    assert [json.loads(got.body)["type"] for got in there.got] == [words.TEST] * 2


async def test_a_receiver_that_says_nothing_costs_its_time_and_no_more(store: Store, business: Business) -> None:
    guard = Guard(allow_private=True)
    rig = HookRig(store, guard=guard, sender=HttpHooks(guard, timeout_s=0.05))
    async with receiver(None, 200) as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()

    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    assert (delivery.state, delivery.last_status, delivery.last_code) == (DeliveryState.PENDING, None, "timeout")


async def test_a_redirect_is_a_refusal_and_a_long_answer_is_cut(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver(307) as there:
        there.body = b"x" * 10_000
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()

    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    (tried,) = await rig.attempts(business.organization_id, delivery.id)
    assert (tried.status, delivery.state, len(tried.response)) == (307, DeliveryState.PENDING, KEPT_BYTES)


async def test_an_address_that_leads_inside_by_now_is_not_asked(store: Store, business: Business) -> None:
    """It was public when it was saved."""
    public = ["93.184.215.14"]

    async def resolve(host: str, port: int) -> list[str]:
        return public

    now_s = [0.0]
    rig = HookRig(store, guard=Guard(resolve=resolve, monotonic=lambda: now_s[0]))
    made = await rig.endpoint(business.organization_id, "https://hooks.example.com/in")
    await happen(rig, business)
    public[:], now_s[0] = ["127.0.0.1"], 3_600.0
    await rig.jobs.run_due()

    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    assert (delivery.last_status, delivery.last_code) == (None, "address_refused")


async def test_the_log_is_kept_for_thirty_days(store: Store, business: Business) -> None:
    rig = HookRig(store)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        rig.clock.advance(days=29)
        await happen(rig, business)
        await rig.jobs.run_due()
        rig.clock.advance(days=2)
        await tidy(rig)

    assert len(await rig.log(business.organization_id, made.endpoint.id)) == 1


async def test_a_message_whose_job_died_on_our_side_is_sent_later(store: Store, business: Business) -> None:
    """The sender was broken until the job had no tries left: no fault of the receiver, who gets it in time."""

    class Broken:
        def __init__(self, whole: HttpHooks) -> None:
            self.whole, self.is_broken = whole, True

        async def post(self, request: HookRequest) -> HookAnswer:
            if self.is_broken:
                raise OSError("out of files")
            return await self.whole.post(request)

    guard = Guard(allow_private=True)
    sender = Broken(HttpHooks(guard, timeout_s=2.0))
    rig = HookRig(store, guard=guard, sender=sender)
    async with receiver() as there:
        made = await rig.endpoint(business.organization_id, there.url)
        await happen(rig, business)
        await rig.jobs.run_due()
        sender.is_broken = False
        for _ in range(3):
            await tidy(rig)
            await rig.jobs.run_due()
            rig.clock.advance(minutes=61)

    (delivery,) = await rig.log(business.organization_id, made.endpoint.id)
    assert len(there.got) == 1
    assert (delivery.state, delivery.tries) == (DeliveryState.DELIVERED, 0)
