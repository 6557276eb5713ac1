"""Nothing is dialled twice, out of turn, beyond the lines, or against what changed while it waited."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.calls import CALLEE, CALLER_ID, PUBLIC_URL, CallsRig, new_call, open_calls, report
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.safety import service as safety
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import CallStatus, MachineDetection
from voice_engine.store.engine import Store

DOWN = UpstreamFailed("carrier_unavailable", "no", provider="twilio", retryable=True)
REFUSED = UpstreamFailed("caller_id_not_allowed", "no", provider="twilio", retryable=False)


async def test_the_order_carries_our_ids(rig: CallsRig) -> None:
    """Every callback finds its dial, even when the answer to the order gets lost."""
    call, dial = await rig.dialled()

    order = rig.telephony.orders[dial.provider_sid or ""]

    ids = f"?call_id={call.id}&attempt_id={dial.id}"
    assert (order.to, order.from_number) == (CALLEE, CALLER_ID)
    assert order.answer_url == f"{PUBLIC_URL}/v1/webhooks/twilio/voice{ids}"
    assert order.status_url == f"{PUBLIC_URL}/v1/webhooks/twilio/status{ids}"
    assert (order.amd, order.amd_url) == (MachineDetection.ASYNC, f"{PUBLIC_URL}/v1/webhooks/twilio/amd{ids}")
    assert (call.status, call.attempts, dial.state) == ("in_progress", 1, "placed")


async def test_a_lost_answer_is_looked_for_and_not_dialled_again(rig: CallsRig) -> None:
    """The carrier has the call; it is found by its numbers."""
    call, dial = await rig.dialled_without_answer()

    await rig.pass_s(2)

    found = await rig.attempt(call.id)
    assert dial.state == "unknown"
    assert (found.id, found.state) == (dial.id, "placed")
    assert [found.provider_sid] == list(rig.telephony.orders)
    assert (await rig.call(call.id)).provider_sid == found.provider_sid


async def test_a_call_that_is_nowhere_is_dialled_anew_after_the_last_look(rig: CallsRig) -> None:
    """Not before: the carrier may be slow to show it."""
    rig.telephony.fail_next(UpstreamFailed("carrier_outcome_unknown", "?", provider="twilio", retryable=False))
    call = await rig.ask()
    await rig.jobs.run_due()

    for seconds in (1, 3, 8):
        await rig.pass_s(seconds)
        assert rig.telephony.orders == {}
    await rig.pass_s(20)
    given_up = await rig.attempt(call.id)
    await rig.pass_s(15)

    again = await rig.attempt(call.id)
    assert (given_up.number, given_up.state) == (1, "lost")
    assert (again.number, again.state) == (2, "placed")
    assert len(rig.telephony.orders) == 1
    assert (await rig.call(call.id)).attempts == 2


async def test_a_dial_that_turns_up_after_it_was_given_up_is_hung_up(rig: CallsRig) -> None:
    """Its answer webhook names the old dial: nobody talks on it."""
    rig.telephony.fail_next(UpstreamFailed("carrier_outcome_unknown", "?", provider="twilio", retryable=False))
    call = await rig.ask()
    await rig.jobs.run_due()
    for seconds in (1, 3, 8, 20):
        await rig.pass_s(seconds)
    lost = await rig.attempt(call.id)

    spec = await rig.lifecycle.find_outbound(call.id, lost.id, "CA" + "9" * 32)

    assert lost.state == "lost"
    assert spec is None


async def test_a_crash_after_the_order_does_not_dial_twice(rig: CallsRig) -> None:
    """The process dies between the carrier's answer and our commit; its job runs again."""
    call = await rig.ask()
    (row,) = await rig.jobs.waiting("call.dial")
    place = rig.telephony.place_call

    async def place_and_die(order: object) -> None:
        await place(order)  # type: ignore[arg-type]  # whatever the dialler ordered
        raise _Killed

    rig.telephony.place_call = place_and_die  # type: ignore[assignment,method-assign]  # the process dies here
    with pytest.raises(_Killed):
        await rig.run_job(row, attempt=1)
    rig.telephony.place_call = place  # type: ignore[method-assign]  # another process
    await rig.run_job(row, attempt=2)
    await rig.pass_s(2)

    assert len(rig.telephony.orders) == 1
    dial = await rig.attempt(call.id)
    assert (dial.number, dial.state, dial.provider_sid) == (1, "placed", next(iter(rig.telephony.orders)))


async def test_a_crash_before_the_order_is_noticed_by_the_reaper(rig: CallsRig) -> None:
    """No worker runs the job again; the dial is looked for, and made when it is nowhere."""
    call = await rig.ask()
    (row,) = await rig.jobs.waiting("call.dial")

    async def die(_order: object) -> None:
        raise _Killed

    place = rig.telephony.place_call
    rig.telephony.place_call = die  # type: ignore[assignment,method-assign]  # the process dies here
    with pytest.raises(_Killed):
        await rig.run_job(row, attempt=1)
    rig.telephony.place_call = place  # type: ignore[method-assign]  # another process
    await rig.forget_job(row)
    rig.now += dt.timedelta(seconds=31)
    await rig.reap()
    for seconds in (1, 3, 8, 20, 15):
        await rig.pass_s(seconds)

    assert len(rig.telephony.orders) == 1
    assert (await rig.attempt(call.id)).number == 2


async def test_two_lost_answers_to_one_number_are_told_apart_by_their_webhooks(rig: CallsRig) -> None:
    """By numbers alone either may be either; the callback's word is the truth."""
    first, first_dial = await rig.dialled_without_answer()
    second, second_dial = await rig.dialled_without_answer()
    await rig.pass_s(2)
    guessed = {(await rig.attempt(call.id)).provider_sid for call in (first, second)}
    sid_of_first, sid_of_second = rig.telephony.orders

    one = await rig.lifecycle.find_outbound(second.id, second_dial.id, sid_of_first)
    other = await rig.lifecycle.find_outbound(first.id, first_dial.id, sid_of_second)

    assert guessed == {sid_of_first, sid_of_second}
    assert one is not None and one.call_id == second.id
    assert other is not None and other.call_id == first.id
    assert (await rig.attempt(first.id)).provider_sid == sid_of_second


async def test_a_carrier_that_is_down_is_asked_again_after_a_pause(rig: CallsRig) -> None:
    """Nothing rang: the call waits in the queue, its hold stays."""
    rig.telephony.fail_next(DOWN)
    call = await rig.ask()
    await rig.jobs.run_due()
    waiting = await rig.call(call.id)

    await rig.pass_s(15)

    assert (waiting.status, waiting.attempts) == ("queued", 1)
    assert (await rig.call(call.id)).status == "in_progress"
    assert (await rig.attempt(call.id)).number == 2
    assert await rig.balance() == ("0.00", "2.50")


async def test_the_third_refusal_is_the_last(rig: CallsRig) -> None:
    """The call fails, uncharged."""
    call = await rig.ask()

    for seconds in (0, 15, 60):
        rig.telephony.fail_next(DOWN)
        await rig.pass_s(seconds)

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, over.attempts) == ("failed", "carrier_failed", 3)
    assert await rig.balance() == ("0.00", "0.00")
    assert rig.telephony.orders == {}


async def test_a_refusal_that_will_not_change_is_final(rig: CallsRig) -> None:
    """No use in asking again."""
    rig.telephony.fail_next(REFUSED)
    call = await rig.ask()

    await rig.jobs.run_due()

    assert (await rig.call(call.id)).status == "failed"
    assert (await rig.attempt(call.id)).error == "caller_id_not_allowed"


async def test_lists_are_asked_again_at_the_dial(rig: CallsRig) -> None:
    """The number's owner asked not to be called while the call waited."""
    call = await rig.ask()
    async with rig.store.system("tests") as work:
        await safety.suppress(work, CALLEE, now=rig.now)

    await rig.jobs.run_due()

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason) == ("failed", "not_allowed")
    assert over.highlights == ["the owner of this number asked not to be called"]
    assert rig.telephony.orders == {}
    assert await rig.balance() == ("0.00", "0.00")


async def test_consent_that_was_withdrawn_stops_the_dial(rig: CallsRig) -> None:
    """As the lists, so the account holder's own will."""
    call = await rig.ask()
    async with rig.store.begin(rig.account.organization_id) as work:
        await accounts.set_consent(work, rig.account.user_id, given=False, now=rig.now)

    await rig.jobs.run_due()

    assert (await rig.call(call.id)).ended_reason == "not_allowed"
    assert rig.telephony.orders == {}


async def test_a_call_whose_hour_has_passed_waits_for_the_next(rig: CallsRig) -> None:
    """It waited in the queue past nine in the evening of its callee: it is for the morning."""
    call = await rig.ask()
    rig.now = dt.datetime(2026, 2, 14, 2, 30, tzinfo=dt.UTC)  # 21:30 in New York

    await rig.jobs.run_due()
    waiting = await rig.call(call.id)
    rig.now = dt.datetime(2026, 2, 14, 13, 0, tzinfo=dt.UTC)  # 08:00
    await rig.jobs.run_due()

    assert waiting.status == "scheduled"
    assert waiting.scheduled_for == dt.datetime(2026, 2, 14, 13, 0, tzinfo=dt.UTC)
    assert (await rig.call(call.id)).status == "in_progress"


async def test_an_urgent_call_goes_ahead(store: Store, tmp_path: Path) -> None:
    """With one line, the next to be dialled is the urgent one, then the oldest."""
    rig = await open_calls(store, tmp_path, lines_per_organization=1)
    first, dial = await rig.dialled()
    old = await rig.ask()
    rig.now += dt.timedelta(seconds=1)
    urgent = await rig.ask(new_call(is_urgent=True))
    await rig.jobs.run_due()
    waiting = [(await rig.call(call.id)).status for call in (old, urgent)]

    await rig.says(dial, CallStatus.BUSY, sequence=2)
    await rig.jobs.run_due()

    assert (await rig.call(first.id)).status == "busy"
    assert waiting == ["queued", "queued"]
    assert (await rig.call(urgent.id)).status == "in_progress"
    assert (await rig.call(old.id)).status == "queued"
    await rig.says(await rig.attempt(urgent.id), CallStatus.BUSY, sequence=2)
    await rig.jobs.run_due()
    assert (await rig.call(old.id)).status == "in_progress"


async def test_no_more_calls_are_up_than_there_are_lines(store: Store, tmp_path: Path) -> None:
    """Lines are shared: one organization's end lets another one's call go."""
    rig = await open_calls(store, tmp_path, lines=2)
    bob = await add_account(store, "Bob")
    mine = [await rig.ask() for _ in range(2)]
    his = await rig.ask(by=bob)

    await rig.jobs.run_due()
    before = len(rig.telephony.orders)
    await rig.says(await rig.attempt(mine[0].id), CallStatus.NO_ANSWER, sequence=2)
    await rig.jobs.run_due()

    assert before == 2
    assert len(rig.telephony.orders) == 3
    assert (await rig.call(his.id)).status == "in_progress"


async def test_a_full_organization_does_not_block_another(store: Store, tmp_path: Path) -> None:
    """Its queue waits for its own lines; the other's call is younger and goes."""
    rig = await open_calls(store, tmp_path, lines=10, lines_per_organization=1)
    bob = await add_account(store, "Bob")
    mine = [await rig.ask() for _ in range(3)]
    his = await rig.ask(by=bob)

    await rig.jobs.run_due()

    assert [(await rig.call(call.id)).status for call in mine].count("in_progress") == 1
    assert (await rig.call(his.id)).status == "in_progress"


async def test_a_scheduled_call_is_dialled_when_it_is_due(rig: CallsRig) -> None:
    """Not a minute earlier, and also when nobody was up at that moment."""
    call = await rig.ask(new_call(scheduled_at="2026-02-13T12:00:00-05:00"))
    await rig.pass_s(3600)
    early = await rig.call(call.id)

    await rig.pass_s(3600)

    assert (early.status, early.scheduled_for) == ("scheduled", dt.datetime(2026, 2, 13, 17, tzinfo=dt.UTC))
    assert (await rig.call(call.id)).status == "in_progress"


async def test_a_call_that_was_stopped_while_it_was_placed_is_hung_up(rig: CallsRig) -> None:
    """Stop came while the order was on its way: there was nothing to hang up yet."""
    call, _ = await rig.dialled_without_answer()
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.service.stop(work, call.id, requested_by=rig.account.user_id)
    await rig.jobs.run_due()

    await rig.pass_s(2)

    assert rig.telephony.steered.hung_up == list(rig.telephony.orders)
    over = await rig.call(call.id)
    assert (over.status, over.ended_reason) == ("cancelled", "stopped_by_user")
    assert await rig.balance() == ("0.00", "0.00")


async def test_a_finished_call_frees_its_line_once(store: Store, tmp_path: Path) -> None:
    """A report and a callback of one call let one waiting call go, not two."""
    rig = await open_calls(store, tmp_path, lines=1)
    call, dial = await rig.answered()
    waiting = [await rig.ask() for _ in range(3)]
    await rig.jobs.run_due()

    await rig.lifecycle.finish(call.id, report(call.id), None)
    await rig.says(dial, CallStatus.COMPLETED, sequence=4)
    await rig.jobs.run_due()

    assert [(await rig.call(one.id)).status for one in waiting].count("in_progress") == 1


class _Killed(BaseException):
    """The process dies: no handler sees this."""
