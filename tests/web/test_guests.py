"""A member takes a live call over in a browser, whispers to the engine, and hands the call back."""

import asyncio

import pytest

from tests.carrier.lines import tone_mulaw
from tests.fakes.call_rig import RECEPTIONIST, RESTAURANT, clip
from tests.fakes.takeover_rig import CALLER_HZ, HUMAN_HZ, TICKET, Phone, Rig, rig, strength
from tests.web.fakes import CALL_SID, call
from voice_engine.audio import mulaw
from voice_engine.clock import run_virtual
from voice_engine.ports.call import CallReport, TaskOutcome
from voice_engine.web import humans
from voice_engine.web.feed import BrowserSocket
from voice_engine.web.humans import digest_of

HELLO = "Hello, Nobu speaking."
OFFER = "We are full at eight, I can do nine."


async def says(one: Rig, phone: Phone, *, within_s: float = 14.0) -> None:
    """One utterance of the scripted texts, and time to answer it."""
    phone.say(mulaw.encode_pcm(clip(ms=2_500)))
    await asyncio.sleep(within_s)


async def hangs_up(one: Rig) -> CallReport:
    await one.caller.hang_up()
    return await one.ended()


def test_both_hear_each_other_and_the_engine_is_silent() -> None:
    async def main() -> tuple[bytes, bytes, int, list[dict[str, object]]]:
        async with rig() as one:
            browser = await one.browse(user="ana")
            await asyncio.sleep(0.5)
            said, at = len(one.tts.requested), (len(one.caller.heard()), len(browser.heard()))
            browser.say(tone_mulaw(2_000, HUMAN_HZ))
            one.caller.say(tone_mulaw(2_000, CALLER_HZ))
            await asyncio.sleep(2.2)
            heard = one.caller.heard()[at[0] :], browser.heard()[at[1] :]
            return *heard, len(one.tts.requested) - said, one.facts("call.takeover")

    at_caller, at_browser, said, taken = run_virtual(main())

    assert strength(at_caller, HUMAN_HZ) > 0.95
    assert strength(at_browser, CALLER_HZ) > 0.95
    assert said == 0
    assert taken == [{"handled_by": "human", "by": "ana", "through": "browser"}]


def test_the_relay_adds_no_frame_of_delay() -> None:
    """A frame of the browser's is with the other party in the tick in which it came."""

    async def main() -> float:
        async with rig() as one:
            browser = await one.browse()
            await asyncio.sleep(1.0)
            loop, before = asyncio.get_running_loop(), len(one.caller.heard())
            browser.say(b"\x20" * 160)
            at = loop.time()
            while b"\x20" not in one.caller.heard()[before:]:  # noqa: ASYNC110  # a socket has no event
                await asyncio.sleep(0.001)
            return loop.time() - at

    assert run_virtual(main()) <= 0.022


def test_the_order_alone_disturbs_nobody() -> None:
    """Until the browser is there the engine talks on: asking for a microphone takes its time."""

    async def main() -> tuple[int, list[str]]:
        async with rig("Where are you located?") as one:
            order = one.order("join", ticket=digest_of(TICKET), user="ana")
            assert await one.engine.perform(order) is None
            before = len(one.tts.requested)
            await says(one, one.caller)
            return len(one.tts.requested) - before, one.types()

    said, types = run_virtual(main())

    assert said > 0
    assert "call.takeover" not in types


@pytest.mark.parametrize("shown", ["", "another", digest_of(TICKET)])
def test_a_wrong_ticket_is_refused_and_spends_nothing(shown: str) -> None:
    """Nor is the digest of the order's row a ticket."""

    async def main() -> tuple[int | None, int | None, list[str]]:
        async with rig() as one:
            await one.engine.perform(one.order("join", ticket=digest_of(TICKET), user="ana"))
            stranger = await one.browser(shown)
            refused = stranger.socket.close_code
            browser = await one.browser(TICKET)
            return refused, browser.socket.close_code, one.types()

    refused, open_, types = run_virtual(main())

    assert (refused, open_) == (1008, None)
    assert types.count("call.takeover") == 1


def test_a_ticket_of_somebody_elses_is_refused_and_spent() -> None:
    """It got out: the session behind the socket is another person's."""

    async def main() -> tuple[int | None, int | None]:
        async with rig() as one:
            await one.engine.perform(one.order("join", ticket=digest_of(TICKET), user="ana"))
            thief = await one.browser(TICKET, user="bob")
            return thief.socket.close_code, (await one.browser(TICKET)).socket.close_code

    assert run_virtual(main()) == (1008, 1008)


def test_a_ticket_works_once() -> None:
    async def main() -> int | None:
        async with rig() as one:
            browser = await one.browse()
            await browser.hang_up()
            return (await one.browser(TICKET)).socket.close_code

    assert run_virtual(main()) == 1008


def test_a_ticket_that_nobody_used_in_time_is_worth_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is short here: a silent caller is hung up on before a minute is over."""
    monkeypatch.setattr(humans, "GUEST_S", 4.0)

    async def main() -> int | None:
        async with rig() as one:
            await one.engine.perform(one.order("join", ticket=digest_of(TICKET), user="ana"))
            await asyncio.sleep(4.1)
            assert one.engine.live
            return (await one.browser(TICKET)).socket.close_code

    assert run_virtual(main()) == 1008


def test_a_carriers_socket_cannot_show_a_browsers_ticket() -> None:
    async def main() -> int | None:
        async with rig() as one:
            await one.engine.perform(one.order("join", ticket=digest_of(TICKET), user="ana"))
            phone = Phone("CA" + "c" * 32, one.tasks)
            one.phones.append(phone)
            one.tasks.create_task(one.engine.serve(phone.socket, lambda _: None))
            phone.start(TICKET)
            await asyncio.sleep(0.1)
            return phone.socket.close_code

    assert run_virtual(main()) == 1008


def test_there_is_one_human_at_a_time() -> None:
    async def main() -> tuple[str | None, str | None, str | None]:
        async with rig() as one:
            await one.browse()
            second = await one.engine.perform(one.order("join", ticket=digest_of("2"), user="bob"))
            rung = await one.engine.perform(one.order("takeover", number="+15550100777"))
            told = await one.engine.perform(one.order("whisper", text="be brief"))
            return second, rung, told

    assert run_virtual(main()) == ("takeover_in_progress", "takeover_in_progress", "human_on_line")


@pytest.mark.parametrize("order", ["join", "whisper"])
def test_an_order_without_what_it_needs_is_refused(order: str) -> None:
    async def main() -> str | None:
        async with rig() as one:
            return await one.engine.perform(one.order(order))

    assert run_virtual(main()) in {"ticket_missing", "text_missing"}


def test_an_agreed_booking_survives_the_takeover_and_is_finished_by_the_engine() -> None:
    """Nine is agreed with the owner's leave; a human talks for a while; the engine reads back, and it is booked."""
    texts = [HELLO, OFFER, "Hi, it's me, John.", "Oh hello, how are you?", "Yes, that's right."]

    async def main() -> tuple[list[str], list[tuple[str, str]], CallReport]:
        async with rig(*texts, spec=RESTAURANT) as one:
            await says(one, one.caller)
            await says(one, one.caller)
            assert await one.engine.perform(one.order("whisper", text="nine is fine")) is None
            await asyncio.sleep(9.0)
            browser = await one.browse()
            await says(one, browser, within_s=6.0)
            await says(one, one.caller, within_s=6.0)
            before = len(one.tts.requested)
            assert await one.engine.perform(one.order("hand_back")) is None
            await asyncio.sleep(14.0)
            said = one.tts.requested[before:]
            history = list(one.engine._live[CALL_SID].session._brain.conversation.history)
            await says(one, one.caller)
            return said, history, await hangs_up(one)

    said, history, report = run_virtual(main())

    assert "back with the assistant" in " ".join(said)
    assert "nine p.m." in " ".join(said)
    assert ("AGENT", "Hi, it's me, John.") in history
    assert ("HUMAN", "Oh hello, how are you?") in history
    assert report.outcome.task_outcome is TaskOutcome.ACHIEVED
    assert report.outcome.agreed is not None and report.outcome.agreed["time"] == "21:00"
    assert report.handled_by == "human"
    assert [turn.text for turn in report.turns if turn.agent] == ["Hi, it's me, John."]


def test_a_whisper_is_in_the_record_and_in_nobodys_ear() -> None:
    async def main() -> tuple[list[dict[str, object]], list[str], CallReport]:
        async with rig(HELLO, OFFER, spec=RESTAURANT) as one:
            await says(one, one.caller)
            await says(one, one.caller)
            before = len(one.tts.requested)
            await one.engine.perform(one.order("whisper", text="accept nine o'clock please"))
            await asyncio.sleep(9.0)
            return one.facts("call.whispered"), one.tts.requested[before:], await hangs_up(one)

    noted, said, report = run_virtual(main())

    assert noted == [{"pii_text": "accept nine o'clock please", "understood": "change"}]
    assert "nine p.m." in " ".join(said).lower()
    assert not any("accept nine" in text for text in said)
    assert not any("accept nine" in turn.text for turn in report.turns)


def test_a_whisper_waits_while_the_other_party_speaks() -> None:
    """It is not spoken into their sentence, and counts in the answer to it."""

    async def main() -> tuple[list[str], list[str]]:
        async with rig(HELLO, OFFER, spec=RESTAURANT) as one:
            await says(one, one.caller)
            before = len(one.tts.requested)
            one.caller.say(mulaw.encode_pcm(clip(ms=2_500)))
            await asyncio.sleep(1.2)
            await one.engine.perform(one.order("whisper", text="nine is fine too"))
            await asyncio.sleep(0.8)
            during = one.tts.requested[before:]
            await asyncio.sleep(9.0)
            return during, one.tts.requested[before:]

    during, said = run_virtual(main())

    assert during == []
    assert "nine p.m." in " ".join(said).lower()


@pytest.mark.parametrize("how", ["closes", "freezes"])
def test_the_engine_apologises_and_leads_on_when_the_browser_is_gone(how: str) -> None:
    """Its socket closes, or nothing comes any more although it is open: a laptop was shut."""

    async def main() -> tuple[list[str], list[dict[str, object]], int | None]:
        async with rig() as one:
            browser = await one.browse()
            await asyncio.sleep(2.0)
            before = len(one.tts.requested)
            browser.stop()
            if how == "closes":
                browser.socket.leave(1006)
            await asyncio.sleep(12.0)
            return one.tts.requested[before:], one.facts("takeover.ended"), browser.socket.close_code

    said, ended, closed = run_virtual(main())

    assert "back with the assistant" in " ".join(said)
    assert ended[0]["reason"] == {"closes": "human_hung_up", "freezes": "stalled"}[how]
    assert closed == 1000


def test_a_call_that_is_held_in_a_browser_is_taken_over_like_any_other() -> None:
    """The other party's own socket is no guest's, and hears the guest."""

    async def main() -> float:
        async with rig() as one:
            one.caller.stop()
            one.caller.socket.leave(1006)
            await asyncio.sleep(0.2)
            visitor = Phone(CALL_SID, one.tasks)
            one.phones.append(visitor)
            socket = BrowserSocket(visitor.socket)
            one.tasks.create_task(one.engine.serve(socket, lambda _: call(spec=RECEPTIONIST)))
            visitor.start()
            await asyncio.sleep(0.2)
            browser = await one.browse()
            before = len(visitor.heard())
            browser.say(tone_mulaw(1_000, HUMAN_HZ))
            await asyncio.sleep(1.2)
            return strength(visitor.heard()[before:], HUMAN_HZ)

    assert run_virtual(main()) > 0.9


def test_the_call_ends_for_the_browser_too() -> None:
    async def main() -> tuple[int | None, CallReport]:
        async with rig() as one:
            browser = await one.browse()
            report = await hangs_up(one)
            return browser.socket.close_code, report

    closed, report = run_virtual(main())

    assert closed == 1000
    assert report.handled_by == "human"
