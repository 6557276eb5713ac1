"""Whole calls with a browser at the other end: the door, the engine, speech on the line, virtual time."""

import asyncio
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.browser import FakeBrowser
from tests.fakes.browser_rig import CALL_ID, HOURS, RESPONDENT, Line, line, texts_of
from tests.fakes.call_rig import RESTAURANT, ClipLine, Say, clip
from tests.fakes.takeover_rig import COLLEAGUE, HUMAN_HZ, LEG_SID, Dialer, Phone, strength
from tests.web.fakes import FakeSocket, start
from voice_engine.audio import mulaw
from voice_engine.clock import run_virtual
from voice_engine.ports.call import CallReport, CallSpec, Disposition, Status, TaskOutcome
from voice_engine.web.calls import BRIDGE, LEG, Admitted
from voice_engine.web.control import LiveOrder
from voice_engine.web.humans import NOT_REDIRECTABLE
from voice_engine.web.line import LET_GO_S


def hum(hz: float, ms: int) -> bytes:
    """A tone as μ-law."""
    samples = np.arange(8 * ms)
    return mulaw.encode_pcm(np.rint(8000 * np.sin(2 * np.pi * hz / 8000 * samples)).astype(np.int16))


def length_ms(path: Path) -> int:
    """How long a recording plays, ms."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        return int(file.getnframes() * 1000 // file.getframerate())


def test_a_talk_with_the_receptionist_leaves_transcript_recording_and_events(tmp_path: Path) -> None:
    async def main() -> tuple[FakeBrowser, Line]:
        async with line(texts=[HOURS], directory=tmp_path) as one:
            person = ClipLine(Say(clip(ms=1500)), hang_up_after_ms=6_000)
            return await one.talk(person), one

    browser, one = run_virtual(main())
    speakers = [speaker for speaker, _ in texts_of(one.report)]
    both = length_ms(tmp_path / CALL_ID / "recording.wav")

    assert browser.closed == 1000
    assert speakers[:3] == ["AI", "HUMAN", "AI"]
    assert ("HUMAN", HOURS) in texts_of(one.report)
    assert one.report.counters.gaps == 0
    assert one.desk.told == ["started", "finished"]
    assert both > 5_000
    assert browser.types[0] == "call.answered"
    assert browser.types[-1] == "call.ended"
    assert {"speech.started", "transcript.interim", "turn.human", "turn.ai", "reply.started"} <= set(browser.types)
    heard = next(body for body in browser.told if body["type"] == "turn.human")
    assert heard["facts"]["text"] == HOURS


def test_somebody_who_is_the_restaurant_books_a_table() -> None:
    """An outbound call: the engine has a task, and the browser picks up."""
    booked = [Say(clip(ms=800), at_ms=300), *(Say(clip(ms=1500), after_ms=900) for _ in RESPONDENT[1:])]

    async def main() -> tuple[FakeBrowser, Line]:
        async with line(RESTAURANT, RESPONDENT) as one:
            return await one.talk(ClipLine(*booked, hang_up_after_ms=12_000)), one

    browser, one = run_virtual(main())
    outcome = one.report.outcome

    assert browser.closed == 1000
    assert (one.report.direction, one.report.handled_by) == ("outbound", "ai")
    assert [text for speaker, text in texts_of(one.report) if speaker == "HUMAN"] == RESPONDENT
    assert (outcome.status, outcome.task_outcome) == (Status.SUCCESS, TaskOutcome.ACHIEVED)
    assert outcome.next_steps
    assert one.report.ics is not None


@pytest.mark.parametrize("burst", [5, 25, 50])
def test_frames_in_bursts_are_heard_as_if_they_came_evenly(burst: int) -> None:
    """A tab in the background sends a tenth, or half, of a second at once: no gap, no lost word, no other turn."""

    def held(burst: int) -> CallReport:
        async def main() -> CallReport:
            async with line(texts=[HOURS, "Thank you, goodbye."]) as one:
                person = ClipLine(Say(clip(ms=1500)), Say(clip(ms=1200), after_ms=1500), hang_up_after_ms=6_000)
                await one.talk(person, burst=burst)
                return one.report

        return run_virtual(main())

    even, bursts = held(1), held(burst)

    assert texts_of(bursts)[:4] == texts_of(even)[:4]
    assert bursts.counters.gaps == 0
    assert bursts.counters.barge_ins == even.counters.barge_ins == 0


@pytest.mark.parametrize("pace", [0.995, 1.005])
def test_a_sound_card_that_runs_fast_or_slow_changes_nothing(pace: float) -> None:
    """Half a percent is far beyond any crystal: a third of a second a minute, for which nobody waits."""

    def held(pace: float) -> CallReport:
        async def main() -> CallReport:
            async with line(texts=[HOURS, "And on Sunday?", "Thank you, goodbye."]) as one:
                person = ClipLine(
                    Say(clip(ms=1500)), Say(clip(ms=1200), at_ms=50_000), Say(clip(ms=1200)), hang_up_after_ms=6_000
                )
                await one.talk(person, pace=pace)
                return one.report

        return run_virtual(main())

    even, off = held(1.0), held(pace)

    assert [text for speaker, text in texts_of(off) if speaker == "HUMAN"] == [
        text for speaker, text in texts_of(even) if speaker == "HUMAN"
    ]
    assert off.counters.barge_ins == even.counters.barge_ins == 0
    answers = [turn.latency.total for turn in off.turns if turn.latency is not None and turn.latency.total]
    assert answers
    assert max(answers) < 1_500


def test_a_barge_in_clears_the_browsers_playout() -> None:
    """Its marks come back at once, and no more of the reply is sent."""

    async def main() -> tuple[FakeBrowser, Line]:
        async with line(texts=[HOURS]) as one:
            person = ClipLine(Say(clip(ms=2500), at_ms=1_500), hang_up_after_ms=5_000)
            return await one.talk(person), one

    browser, one = run_virtual(main())
    greeting = one.report.turns[0]

    assert one.report.counters.clears >= 1
    assert "barge_in" in browser.types
    assert greeting.interrupted
    assert greeting.heard_text is not None
    assert len(greeting.heard_text) < len(greeting.text)


def test_a_dropped_socket_comes_back_into_the_same_call() -> None:
    """With a new pass, within some seconds; what was said before stays."""

    async def main() -> tuple[Line, list[int | None]]:
        async with line(texts=["My name is Ada.", HOURS]) as one:
            first = one.connect(
                await one.surface.browsers.open(one.call), ClipLine(Say(clip(ms=1200)), hang_up_ms=60_000)
            )
            talking = one.tasks.create_task(first.talk())
            await asyncio.sleep(9.0)
            await first.drop()
            await talking
            await asyncio.sleep(2.0)
            call = one.engine.find_call(CALL_ID)
            assert call is not None
            second = one.connect(
                one.surface.browsers.pass_for(call), ClipLine(Say(clip(ms=1200)), hang_up_after_ms=6_000)
            )
            await second.talk()
            return one, [second.closed]

    one, codes = run_virtual(main())
    human = [text for speaker, text in texts_of(one.report) if speaker == "HUMAN"]

    assert codes == [1000]
    assert human == ["My name is Ada.", HOURS]
    assert one.browsers[1].types.count("call.answered") == 0
    assert one.browsers[1].types[0] == "call.stream"
    assert one.desk.told == ["started", "finished"]


def test_a_database_that_is_away_keeps_no_browser_waiting() -> None:
    """The page is let go soon; the end is written down later."""

    async def main() -> tuple[float, int, list[str]]:
        async with line(texts=[HOURS]) as one:
            one.desk.faults = 3
            browser = await one.talk(ClipLine(hang_up_ms=3_000))
            left_s = asyncio.get_running_loop().time()
            up = one.engine.live
            await one.over()
            assert browser.closed == 1000
            return left_s, up, one.desk.told

    left_s, up, told = run_virtual(main())

    assert left_s < 3.0 + LET_GO_S + 2.5
    assert up == 1
    assert told.count("finished") == 4


def test_what_a_call_brings_along_is_there_before_its_stream() -> None:
    """An organization's own providers are looked up while the browser still asks for the microphone."""
    order: list[str] = []

    async def furnish(spec: CallSpec) -> None:
        order.append(f"furnished {spec.call_id}")

    async def main() -> None:
        async with line(furnish=furnish) as one:
            entry = await one.surface.browsers.open(one.call)
            order.append("pass")
            await one.connect(entry, ClipLine(hang_up_ms=1_000)).talk()

    run_virtual(main())

    assert order == [f"furnished {CALL_ID}", "pass"]


def test_a_browser_that_does_not_come_back_ends_the_call() -> None:
    async def main() -> tuple[float, object, Line]:
        async with line(texts=[HOURS]) as one:
            browser = one.connect(await one.surface.browsers.open(one.call), ClipLine(hang_up_ms=60_000))
            talking = one.tasks.create_task(browser.talk())
            await asyncio.sleep(3.0)
            await browser.drop()
            await talking
            lost_s = asyncio.get_running_loop().time()
            await one.over()
            return asyncio.get_running_loop().time() - lost_s, one.engine.find_call(CALL_ID), one

    waited_s, found, one = run_virtual(main())

    assert 5.0 <= waited_s <= 8.0
    assert found is None
    assert one.report.outcome.disposition is Disposition.RESPONDENT_HUNG_UP


def test_a_second_tab_takes_the_call_and_the_first_is_closed() -> None:
    """Two microphones in one call would talk over each other."""

    async def main() -> tuple[int | None, int | None, int]:
        async with line(texts=[HOURS]) as one:
            first = one.connect(await one.surface.browsers.open(one.call), ClipLine(hang_up_ms=60_000))
            talking = one.tasks.create_task(first.talk())
            await asyncio.sleep(3.0)
            call = one.engine.find_call(CALL_ID)
            assert call is not None
            second = one.connect(one.surface.browsers.pass_for(call), ClipLine(hang_up_ms=4_000))
            await second.talk()
            await talking
            return first.closed, second.closed, len(one.desk.reports)

    assert run_virtual(main()) == (1000, 1000, 1)


def test_the_engines_goodbye_is_heard_before_its_hang_up() -> None:
    async def main() -> tuple[FakeBrowser, Line]:
        async with line(texts=["No thank you, goodbye."]) as one:
            person = ClipLine(Say(clip(ms=1200)), hang_up_ms=60_000)
            return await one.talk(person), one

    browser, one = run_virtual(main())
    last = one.report.turns[-1]

    assert browser.closed == 1000
    assert (last.speaker, last.interrupted) == ("AI", False)
    assert browser.types[-1] == "call.ended"
    assert one.report.outcome.disposition is Disposition.COMPLETED


def test_keys_are_told_and_the_stream_stays() -> None:
    """A menu in a browser: nothing reconnects, and a hang-up after it is one at once."""

    async def main() -> tuple[FakeBrowser, float, Line]:
        async with line(RESTAURANT, ["For reservations, press one."]) as one:
            person = ClipLine(Say(clip(ms=1500), at_ms=300), hang_up_after_ms=9_000)
            browser = await one.talk(person)
            hung_up_s = asyncio.get_running_loop().time()
            await one.over()
            return browser, asyncio.get_running_loop().time() - hung_up_s, one

    browser, waited_s, one = run_virtual(main())
    pressed = [body["facts"]["digits"] for body in browser.told if body["type"] == "dtmf.sent"]

    assert pressed == ["1"]
    assert browser.types.count("call.stream") == 1
    assert waited_s < 3.0
    assert len(one.browsers) == 1


def test_a_transfer_rings_its_target_and_puts_the_browser_through() -> None:
    async def main() -> tuple[list[str], list[str], str | None]:
        dialer = Dialer()
        async with line(texts=[], dialer=dialer) as one:
            browser = one.connect(await one.surface.browsers.open(one.call), ClipLine(hang_up_ms=12_000))
            talking = one.tasks.create_task(browser.talk())
            await asyncio.sleep(6.0)
            order = LiveOrder(id="o", call_id=CALL_ID, kind="transfer", arguments={"number": COLLEAGUE})
            ordered = one.tasks.create_task(one.engine.perform(order))
            await asyncio.sleep(1.0)
            rung = [human.number for human in dialer.rung]
            await talking
            return rung, browser.types, await ordered

    rung, types, error = run_virtual(main())

    assert rung == [COLLEAGUE]
    assert "transfer.ringing" in types
    assert error == "call_not_active", "nobody answered before the browser left"


def test_a_transfer_bridges_the_browser_with_the_telephone_that_answers() -> None:
    """Both hear each other; the call is the human's, and ends with them."""

    async def main() -> tuple[Line, FakeBrowser, Phone, str | None, bytes]:
        dialer = Dialer()
        async with line(dialer=dialer) as one:
            person = ClipLine(Say(clip(ms=2000), at_ms=9_000), hang_up_ms=60_000)
            browser = one.connect(await one.surface.browsers.open(one.call), person)
            talking = one.tasks.create_task(browser.talk())
            await asyncio.sleep(6.0)
            order = LiveOrder(id="o", call_id=CALL_ID, kind="transfer", arguments={"number": COLLEAGUE})
            ordered = one.tasks.create_task(one.engine.perform(order))
            await asyncio.sleep(1.0)
            query = {BRIDGE: CALL_ID, LEG: dialer.rung[0].leg}
            leg = replace(one.call, call_sid=LEG_SID, query=query, visitor=None)
            assert isinstance(await one.engine.admit(leg), Admitted)
            phone = Phone(LEG_SID, one.tasks)
            one.tasks.create_task(one.engine.serve(phone.socket, lambda _: leg))
            phone.start()
            phone.say(hum(HUMAN_HZ, 2_000))
            await asyncio.sleep(6.0)
            heard = len(person.heard)
            passed_on = await one.engine.perform(replace(order, arguments={"number": "+15550100888"}))
            assert passed_on == NOT_REDIRECTABLE
            await phone.hang_up()
            await talking
            await one.over()
            began = 8 * 7_000
            return one, browser, phone, await ordered, bytes(person.heard[began:heard])

    one, browser, phone, error, heard = run_virtual(main())
    (rung,) = one.dialer.rung if one.dialer else []

    assert (error, rung.number, rung.caller_id) == (None, COLLEAGUE, "+14155550100")
    assert strength(heard, HUMAN_HZ) > 0.5
    assert len(phone.heard().strip(b"\xff")) > 8 * 1_500
    assert browser.closed == 1000
    assert (one.report.handled_by, one.report.outcome.transferred_to) == ("transfer", COLLEAGUE)


def test_where_nobody_can_be_rung_the_engine_says_so_and_goes_on() -> None:
    """A browser cannot be connected elsewhere: the caller is offered to leave a message instead."""

    async def main() -> tuple[FakeBrowser, Line]:
        async with line(texts=["Can I talk to the front desk, please?"]) as one:
            person = ClipLine(Say(clip(ms=1500)), hang_up_after_ms=15_000)
            return await one.talk(person), one

    browser, one = run_virtual(main())
    said = " ".join(text for speaker, text in texts_of(one.report) if speaker == "AI").lower()

    assert "transfer.failed" in browser.types
    assert "message" in said
    assert one.report.handled_by == "ai"


def test_a_browser_that_does_not_read_holds_nothing_up() -> None:
    """What it misses is bounded, its own words are heard meanwhile, and the call ends as any other."""

    async def main() -> tuple[FakeBrowser, Line]:
        async with line(texts=[HOURS]) as one:
            one.capacity = 16
            person = ClipLine(Say(clip(ms=1500), at_ms=4_000), hang_up_ms=30_000)
            return await one.talk(person, reads_after_ms=15_000), one

    browser, one = run_virtual(main())

    assert [text for speaker, text in texts_of(one.report) if speaker == "HUMAN"] == [HOURS]
    assert browser.closed == 1000
    assert browser.types[-1] == "call.ended"
    assert {"call.answered", "turn.human"} <= set(browser.types)


def test_an_owners_stop_closes_the_socket() -> None:
    async def main() -> tuple[int | None, str | None, Line]:
        async with line() as one:
            browser = one.connect(await one.surface.browsers.open(one.call), ClipLine(hang_up_ms=60_000))
            talking = one.tasks.create_task(browser.talk())
            await asyncio.sleep(3.0)
            error = await one.engine.perform(LiveOrder(id="o", call_id=CALL_ID, kind="stop"))
            await talking
            return browser.closed, error, one

    closed, error, one = run_virtual(main())

    assert (closed, error) == (1000, None)
    assert one.report.outcome.disposition is Disposition.CANCELLED


def test_the_carriers_sockets_hear_nothing_of_it() -> None:
    """A message that the vendor does not know would end its stream."""

    async def main() -> list[str]:
        async with line() as one:
            socket = FakeSocket()
            carrier = replace(one.call, visitor=None)
            one.tasks.create_task(one.engine.serve(socket, lambda _: carrier))
            socket.say(start("t", call_sid=carrier.call_sid))
            await asyncio.sleep(2.0)
            one.engine.end_all()
            await asyncio.sleep(1.0)
            socket.leave()
            return socket.sent

    sent = run_virtual(main())

    assert sent
    assert not [text for text in sent if '"engine"' in text]
