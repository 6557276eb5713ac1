"""Transfers of a call that the engine holds: rung first, bridged once taken, else back with the engine."""

import asyncio

import pytest

from tests.carrier.lines import tone_mulaw
from tests.fakes.call_rig import RECEPTIONIST, ToneTTS, clip
from tests.fakes.takeover_rig import (
    CALLER_HZ,
    COLLEAGUE,
    HUMAN_HZ,
    LEG_SID,
    Dialer,
    Phone,
    Rig,
    rig,
    strength,
)
from voice_engine.audio import mulaw
from voice_engine.audio.ringback import CADENCES
from voice_engine.clock import run_virtual
from voice_engine.domains.calls.words import UNANNOUNCED
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallLimits, CallReport, Disposition, Status
from voice_engine.web.calls import BRIDGE, LEG

ASKS = "Can I speak to the front desk please?"


async def asked_for(one: Rig) -> None:
    """The caller asks for the front desk, is told, and it rings."""
    one.caller.say(mulaw.encode_pcm(clip()))
    await asyncio.sleep(9.0)
    assert one.dialer.rung


async def taken(one: Rig, *, key: str = "1") -> Phone:
    human = await one.answer()
    await asyncio.sleep(1.0)
    human.press(key)
    await asyncio.sleep(0.2)
    return human


def test_a_wish_rings_the_target_and_whoever_takes_the_call_has_it() -> None:
    """By the configured number, not before it was said; then both hear each other and nobody else."""

    async def main() -> tuple[Rig, bytes, bytes]:
        async with rig(ASKS) as one:
            await asked_for(one)
            human = await taken(one)
            at = len(one.caller.heard()), len(human.heard())
            human.say(tone_mulaw(2_000, HUMAN_HZ))
            one.caller.say(tone_mulaw(2_000, CALLER_HZ))
            await asyncio.sleep(2.2)
            return one, one.caller.heard()[at[0] :], human.heard()[at[1] :]

    one, at_caller, at_human = run_virtual(main())

    assert [human.number for human in one.dialer.rung] == [COLLEAGUE]
    assert strength(at_caller, HUMAN_HZ) > 0.95
    assert strength(at_human, CALLER_HZ) > 0.95
    assert one.types().index("transfer.ringing") < one.types().index("call.transferred")
    assert "call.takeover" not in one.types()


def test_a_transfer_ends_with_the_human_and_is_reported_once() -> None:
    """The engine does not come back, and hangs up on the caller."""

    async def main() -> tuple[CallReport, int, list[str]]:
        async with rig(ASKS) as one:
            await asked_for(one)
            human = await taken(one)
            await asyncio.sleep(20.0)
            await human.hang_up()
            said = len(one.tts.requested)
            report = await one.ended()
            assert one.caller.socket.close_code == 1000
            return report, len(one.tts.requested) - said, one.types()

    report, said_later, types = run_virtual(main())

    assert report.handled_by == "transfer"
    assert report.outcome.transferred_to == "front desk"
    assert (report.outcome.status, report.outcome.disposition) == (Status.COMPLETED, Disposition.TRANSFERRED)
    assert report.outcome.highlights == ("Put through to front desk.",)
    assert report.duration_seconds == pytest.approx(38.4, abs=1.0)
    assert (said_later, types.count("call.transferred"), types.count("call.handed_back")) == (0, 1, 0)


def test_a_caller_who_hangs_up_first_was_transferred_all_the_same() -> None:
    async def main() -> tuple[CallReport, int | None]:
        async with rig(ASKS) as one:
            await asked_for(one)
            human = await taken(one)
            await one.caller.hang_up()
            return await one.ended(), human.socket.close_code

    report, closed = run_virtual(main())

    assert (report.handled_by, report.outcome.disposition) == ("transfer", Disposition.TRANSFERRED)
    assert closed == 1000


def test_nobody_answers_and_the_engine_goes_on_with_what_it_knew() -> None:
    """It says so, offers a message and takes it; nothing rings any more and nobody was transferred."""

    async def main() -> tuple[CallReport, Rig]:
        async with rig(ASKS, "Yes please.", "Please tell them I will be late.") as one:
            await asked_for(one)
            await asyncio.sleep(35.0)
            for _ in range(2):
                one.caller.say(mulaw.encode_pcm(clip()))
                await asyncio.sleep(9.0)
            await one.caller.hang_up()
            return await one.ended(), one

    report, one = run_virtual(main())

    said = " ".join(one.tts.requested)
    assert one.dialer.hung_up == [LEG_SID]
    assert one.types().count("transfer.failed") == 1
    assert sum(line in said for line in ("nobody answered", "Nobody is answering", "couldn't reach anyone")) == 1
    assert report.turns[-1].speaker == "AI"
    assert "name" in report.turns[-1].text, "the message's text is taken; its name is asked next"
    assert (report.handled_by, report.outcome.transferred_to) == ("ai", None)


def test_the_caller_hears_it_ring_while_the_engine_is_silent() -> None:
    """Two seconds of ringback in six; when the engine speaks it is alone."""

    async def main() -> tuple[bytes, bytes]:
        async with rig(ASKS, "Hello? Are you still there?") as one:
            await asked_for(one)
            await asyncio.sleep(6.5)
            ringing = one.caller.heard()[-6 * 8000 :]
            at = len(one.caller.heard())
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(8.0)
            return ringing, one.caller.heard()[at:]

    ringing, spoken = run_virtual(main())

    tones = sum(strength(ringing, hz) for hz in CADENCES["en"].hz)
    assert tones > 0.6
    assert strength(spoken, 250.0) > 0.2, "the engine said that it still rings"


def test_a_key_that_declines_brings_the_caller_back_at_once() -> None:
    async def main() -> tuple[list[str], list[str]]:
        async with rig(ASKS) as one:
            await asked_for(one)
            await taken(one, key="2")
            await asyncio.sleep(6.0)
            return one.dialer.hung_up, one.types()

    hung_up, types = run_virtual(main())

    assert hung_up == [LEG_SID]
    assert "transfer.failed" in types
    assert "call.transferred" not in types


def test_a_mailbox_presses_no_key_and_gets_no_caller() -> None:
    """It is asked twice, and not for ever; the caller hears nothing of it."""

    async def main() -> tuple[float, Rig]:
        async with rig(ASKS) as one:
            await asked_for(one)
            mailbox, began = await one.answer(), asyncio.get_running_loop().time()
            mailbox.say(tone_mulaw(12_000, HUMAN_HZ))
            while "transfer.failed" not in one.types():  # noqa: ASYNC110  # events have no waiter here
                await asyncio.sleep(0.1)
            assert strength(one.caller.heard(), HUMAN_HZ) < 0.01
            return asyncio.get_running_loop().time() - began, one

    took, one = run_virtual(main())

    assert sum("Press 1" in text for text in one.tts.requested) == 1
    assert 10.0 < took < 25.0
    assert one.dialer.hung_up == [LEG_SID]


def test_without_the_question_whoever_picks_up_has_the_call() -> None:
    async def main() -> list[str]:
        async with rig(ASKS, transfers_ask=False) as one:
            await asked_for(one)
            await one.answer()
            return one.types()

    assert "call.transferred" in run_virtual(main())


@pytest.mark.parametrize(("announce", "at_once"), [({}, False), ({"announce": UNANNOUNCED}, True)])
def test_an_order_may_have_the_target_put_through_unannounced(announce: dict[str, str], at_once: bool) -> None:
    """Else whoever picks up is told of the call first, and takes it by a key."""

    async def main() -> bool:
        async with rig() as one:
            order = one.order("transfer", number=COLLEAGUE, **announce)
            told = one.tasks.create_task(one.engine.perform(order))
            await asyncio.sleep(3.0)
            human = await one.answer()
            await asyncio.sleep(1.0)
            joined = "call.transferred" in one.types()
            human.press("1")
            assert await told is None
            return joined

    assert run_virtual(main()) is at_once


def test_the_next_transfer_is_announced_again() -> None:
    """Only the order that said so goes unannounced."""

    async def main() -> list[str]:
        async with rig() as one:
            order = one.order("transfer", number=COLLEAGUE, announce=UNANNOUNCED)
            first = one.tasks.create_task(one.engine.perform(order))
            await asyncio.sleep(3.0)
            await one.engine.callback(
                "status", {BRIDGE: RECEPTIONIST.call_id, LEG: one.dialer.rung[-1].leg}, {"CallStatus": "busy"}
            )
            assert await first == "busy"
            one.transfer()
            await asyncio.sleep(5.0)
            await one.answer()
            await asyncio.sleep(1.0)
            return one.types()

    assert "call.transferred" not in run_virtual(main())


def test_a_caller_who_leaves_while_it_rings_takes_the_ringing_along() -> None:
    async def main() -> tuple[list[str], CallReport]:
        async with rig(ASKS) as one:
            await asked_for(one)
            await one.caller.hang_up()
            return one.dialer.hung_up, await one.ended()

    hung_up, report = run_virtual(main())

    assert hung_up == [LEG_SID]
    assert (report.handled_by, report.outcome.transferred_to) == ("ai", None)


def test_a_caller_who_leaves_while_the_target_is_asked_leaves_nobody_on_the_line() -> None:
    async def main() -> tuple[list[str], CallReport]:
        async with rig(ASKS) as one:
            await asked_for(one)
            human = await one.answer()
            await one.caller.hang_up()
            report = await one.ended()
            human.press("1")
            await asyncio.sleep(1.0)
            return one.dialer.hung_up, report

    hung_up, report = run_virtual(main())

    assert hung_up == [LEG_SID]
    assert report.handled_by == "ai"


def test_a_message_instead_stops_the_ringing() -> None:
    async def main() -> tuple[list[str], list[str]]:
        async with rig(ASKS, "Never mind, can I leave a message?") as one:
            await asked_for(one)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(7.0)
            return one.dialer.hung_up, one.tts.requested

    hung_up, said = run_virtual(main())

    assert hung_up == [LEG_SID]
    assert not any("nobody" in text.lower() for text in said)


def test_an_order_goes_the_same_way_and_its_sender_is_told() -> None:
    """Answered; then, for another call, not."""

    async def main(*, answered: bool) -> tuple[str | None, Rig, CallReport]:
        async with rig() as one:
            ordered = one.transfer()
            await asyncio.sleep(3.0)
            if answered:
                await taken(one)
            error = await ordered
            await asyncio.sleep(5.0)
            await one.caller.hang_up()
            return error, one, await one.ended()

    done, one, report = run_virtual(main(answered=True))
    assert done is None
    assert "connecting you" in " ".join(one.tts.requested)
    assert (report.handled_by, report.outcome.transferred_to) == ("transfer", COLLEAGUE)

    error, one, report = run_virtual(main(answered=False))
    assert error == "no_answer"
    assert "message" in one.tts.requested[-1]
    assert (report.handled_by, report.outcome.transferred_to) == ("ai", None)


def test_a_busy_target_is_known_at_once() -> None:
    async def main() -> tuple[str | None, float]:
        async with rig() as one:
            ordered, began = one.transfer(), asyncio.get_running_loop().time()
            await asyncio.sleep(0.5)
            query = {BRIDGE: RECEPTIONIST.call_id, LEG: one.dialer.rung[0].leg}
            await one.engine.callback("status", query, {"CallStatus": "busy"})
            return await ordered, asyncio.get_running_loop().time() - began

    error, took = run_virtual(main())

    assert error == "busy"
    assert took < 1.0


def test_a_dial_that_fails_is_told_and_the_call_goes_on() -> None:
    refused = UpstreamFailed("destination_not_allowed", "no", provider="carrier", retryable=False)

    async def main() -> tuple[str | None, list[str]]:
        async with rig(dialer=Dialer(fault=refused)) as one:
            return await one.transfer(), one.engine.live_calls

    assert run_virtual(main()) == ("destination_not_allowed", [RECEPTIONIST.call_id])


def test_one_at_a_time() -> None:
    """While it rings, and once somebody has the call, nobody else is rung; and the call is not handed back."""

    async def main() -> list[str | None]:
        async with rig() as one:
            first = one.transfer()
            await asyncio.sleep(1.0)
            errors = [await one.transfer(), await one.take_over()]
            await taken(one)
            errors.append(await first)
            return [*errors, await one.take_over(), await one.engine.perform(one.order("hand_back"))]

    busy = "takeover_in_progress"
    assert run_virtual(main()) == [busy, busy, None, busy, "not_taken_over"]


def test_a_limit_says_goodbye_to_those_who_talk() -> None:
    async def main() -> tuple[CallReport, list[str]]:
        async with rig(ASKS, limits=CallLimits(max_seconds=30)) as one:
            await asked_for(one)
            await taken(one)
            report = await one.ended()
            return report, one.tts.requested

    report, said = run_virtual(main())

    assert report.duration_seconds == pytest.approx(34.0, abs=5.0)
    assert report.outcome.disposition is Disposition.TRANSFERRED
    assert "oodbye" in said[-1] or "have to" in said[-1]


def test_a_voice_that_fails_does_not_lose_the_human() -> None:
    """The question cannot be put: they picked up, they have the call."""

    class Hoarse(ToneTTS):
        async def synthesize(self, request):  # type: ignore[no-untyped-def]  # as ToneTTS
            if "Press" in request.text:
                raise UpstreamFailed("tts_down", "no", provider="tone", retryable=True)
            async for chunk in super().synthesize(request):
                yield chunk

    async def main() -> list[str]:
        async with rig(ASKS, tts=Hoarse()) as one:
            await asked_for(one)
            await one.answer()
            await asyncio.sleep(0.5)
            return one.types()

    assert "call.transferred" in run_virtual(main())
