"""Orders to take a call over, and the leg that is rung for one: who is let in, and what becomes of each order."""

import asyncio

import pytest

from tests.fakes.call_rig import RECEPTIONIST, clip
from tests.fakes.takeover_rig import (
    COLLEAGUE,
    LEG_SID,
    Dialer,
    rig,
)
from tests.fakes.telephony import FakeTelephony
from voice_engine.audio import mulaw
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallReport
from voice_engine.ports.telephony import OUTCOME_UNKNOWN
from voice_engine.web.calls import BRIDGE, LEG, Admitted, Answer, HangUp
from voice_engine.web.takeover import CarrierDialer, HumanCall


def test_nobody_answers() -> None:
    """The order says so, the caller is told, the engine goes on, and nothing rings any more."""

    async def main() -> tuple[str | None, list[str], list[str], Answer]:
        async with rig("Where are you located?") as one:
            ordered = one.take_over()
            error = await ordered
            late = await one.engine.admit(one.leg_call())
            await asyncio.sleep(8.0)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(5.0)
            return error, one.dialer.hung_up, one.tts.requested, late

    error, hung_up, said, late = run_virtual(main())

    assert error == "no_answer"
    assert hung_up == [LEG_SID]
    assert "nobody can come to the phone" in " ".join(said)
    assert "12 High Street" in " ".join(said)
    assert late == HangUp()


def test_another_attempt_may_follow_one_that_failed() -> None:
    async def main() -> list[str | None]:
        async with rig() as one:
            first = await one.take_over()
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            await one.answer()
            return [first, await ordered]

    assert run_virtual(main()) == ["no_answer", None]


@pytest.mark.parametrize(
    ("status", "error"), [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "dial_failed")]
)
def test_the_carriers_word_ends_the_wait(status: str, error: str) -> None:
    """A busy colleague is known at once, not after half a minute; other words of the same leg end nothing."""

    async def main() -> tuple[str | None, float]:
        async with rig() as one:
            ordered, began = one.take_over(), asyncio.get_running_loop().time()
            await asyncio.sleep(0.5)
            query = {BRIDGE: RECEPTIONIST.call_id, LEG: one.dialer.rung[0].leg}
            await one.engine.callback("status", query, {"CallStatus": "ringing"})
            await one.engine.callback("status", query | {LEG: "forged"}, {"CallStatus": "canceled"})
            await one.engine.callback("status", query, {"CallStatus": status})
            result = await ordered
            assert one.desk.told == ["started"]
            return result, asyncio.get_running_loop().time() - began

    result, took = run_virtual(main())

    assert result == error
    assert took < 1.0


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    async def main() -> tuple[str | None, list[str], CallReport]:
        async with rig() as one:
            ordered = one.take_over()
            await asyncio.sleep(2.0)
            await one.caller.hang_up()
            return await ordered, one.dialer.hung_up, await one.ended()

    error, hung_up, report = run_virtual(main())

    assert (error, hung_up) == ("call_not_active", [LEG_SID])
    assert report.handled_by == "ai"


def test_a_dial_that_fails_is_told_and_the_call_goes_on() -> None:
    refused = UpstreamFailed("destination_not_allowed", "no", provider="carrier", retryable=False)

    async def main() -> tuple[str | None, list[str]]:
        async with rig(dialer=Dialer(fault=refused)) as one:
            error = await one.take_over()
            return error, one.engine.live_calls

    assert run_virtual(main()) == ("destination_not_allowed", [RECEPTIONIST.call_id])


def test_a_leg_whose_dial_got_no_answer_is_let_in_all_the_same() -> None:
    """The carrier dialled, its answer got lost: the leg's own webhook shows that it is ours."""
    lost = UpstreamFailed(OUTCOME_UNKNOWN, "lost", provider="carrier", retryable=False)

    async def main() -> str | None:
        async with rig(dialer=Dialer(fault=lost)) as one:
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            await one.answer()
            return await ordered

    assert run_virtual(main()) is None


@pytest.mark.parametrize("changes", [{"leg": "forged"}, {"call_sid": "CA" + "9" * 32}], ids=["leg", "sid"])
def test_another_leg_than_the_one_that_was_rung_stays_outside(changes: dict[str, str]) -> None:
    """Its webhook is hung up on, its stream is refused, and the one that was rung may still come."""

    async def main() -> tuple[Answer, int | None, str | None]:
        async with rig() as one:
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            stranger = await one.answer(**changes)
            await one.answer()
            return one.answers[0], stranger.socket.close_code, await ordered

    assert run_virtual(main()) == (HangUp(), 1008, None)


def test_a_leg_is_let_in_once() -> None:
    async def main() -> tuple[list[bool], int | None]:
        async with rig() as one:
            await one.taken_over()
            second = await one.answer()
            return [isinstance(answer, Admitted) for answer in one.answers], second.socket.close_code

    assert run_virtual(main()) == ([True, False], 1008)


def test_orders_that_do_not_fit_say_why() -> None:
    async def main() -> list[str | None]:
        async with rig() as one:
            perform = one.engine.perform
            errors = [await perform(one.order("hand_back")), await perform(one.order("takeover"))]
            ordered = one.take_over()
            await asyncio.sleep(0.5)
            errors.append(await perform(one.order("takeover", number=COLLEAGUE)))
            errors.append(await perform(one.order("hand_back")))
            errors.append(await ordered)
            return errors

    assert run_virtual(main()) == ["not_taken_over", "number_missing", "takeover_in_progress", None, "cancelled"]


def test_a_leg_that_breaks_the_protocol_costs_the_leg_only() -> None:
    async def main() -> tuple[int | None, list[str], list[str]]:
        async with rig() as one:
            human = await one.taken_over()
            human.socket.say("{")
            await asyncio.sleep(3.0)
            return human.socket.close_code, list(one.engine.live_calls), one.types()

    closed, live, types = run_virtual(main())

    assert closed == 1008
    assert live == [RECEPTIONIST.call_id]
    assert "call.handed_back" in types


async def test_the_carrier_is_asked_to_ring_with_our_words_in_its_urls() -> None:
    """An answer leads to our voice webhook, an end without one to our status webhook, both with call and leg."""
    telephony = FakeTelephony()
    dialer = CarrierDialer(telephony, public_url="https://voice.example")
    human = HumanCall(call_id="c1", number=COLLEAGUE, caller_id="+15550100100", leg="x-y", limit_s=900)

    sid = await dialer.dial_human(human)
    await dialer.hang_up(sid)

    order = telephony.orders[sid]
    assert order.answer_url == "https://voice.example/v1/webhooks/twilio/voice?bridge=c1&leg=x-y"
    assert order.status_url == "https://voice.example/v1/webhooks/twilio/status?bridge=c1&leg=x-y"
    assert (order.to, order.from_number, order.time_limit_s) == (COLLEAGUE, "+15550100100", 900)
    assert telephony.steered.hung_up == [sid]
