"""A desk is told of each call's start and end, whatever is wrong with the database or the disk meanwhile."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.browser_rig import CALL_ID, HOURS, line
from tests.fakes.call_rig import RECEPTIONIST, ClipLine, Say, clip
from tests.web.fakes import FakeDesk, call
from voice_engine.clock import run_virtual
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.runtime import closing
from voice_engine.web.calls import IncomingCall, Refuse
from voice_engine.web.telling import Telling

EVENTS = [EngineEvent(sequence=1, at_ms=0, type="call.answered", facts={})]


def _person() -> ClipLine:
    """Asks one question, listens to the answer, and hangs up."""
    return ClipLine(Say(clip("en_core_agent-newlocation")), hang_up_after_ms=8_000)


class _OddDesk(FakeDesk):
    """Its first `started` fails by a defect, not by an error of ours."""

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        await super().started(call, spec)
        if len(self.told) == 1:
            raise ZeroDivisionError
        return self.wanted


@pytest.mark.parametrize(("desk", "tries"), [(FakeDesk(Refuse(), start_faults=5), 6), (_OddDesk(Refuse()), 2)])
def test_a_start_is_told_until_it_is_heard(desk: FakeDesk, tries: int) -> None:
    """A call without an owner would be taken for lost, and hung up in mid-talk."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        begun_at = loop.time()
        await Telling(desk, None).started(call(), RECEPTIONIST, over=asyncio.Event(), unwanted=lambda: None)
        return loop.time() - begun_at

    assert run_virtual(main()) < 20.0
    assert desk.told == ["started"] * tries


def test_a_start_that_nobody_hears_does_not_outlive_its_call() -> None:
    """The end is told at once when the call is over, not after one more wait."""
    desk = FakeDesk(Refuse(), start_faults=1_000)

    async def main() -> float:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(30.1, over.set)
        begun_at = loop.time()
        await Telling(desk, None).started(call(), RECEPTIONIST, over=over, unwanted=lambda: None)
        return loop.time() - begun_at

    assert run_virtual(main()) == pytest.approx(30.1)


def test_a_call_whose_start_was_not_wanted_is_ended_though_that_was_heard_late() -> None:
    desk = FakeDesk(Refuse(), start_faults=2)
    desk.wanted = False
    ended: list[bool] = []

    run_virtual(
        Telling(desk, None).started(call(), RECEPTIONIST, over=asyncio.Event(), unwanted=lambda: ended.append(True))
    )

    assert ended == [True]


def test_a_disk_that_takes_nothing_keeps_no_end_from_the_desk(tmp_path: Path) -> None:
    """A file stands where the calls' folder should be: neither folder nor recording can be written."""
    (tmp_path / "calls").write_text("in the way")

    async def main() -> tuple[FakeDesk, CallReport]:
        async with line(texts=[HOURS], directory=tmp_path / "calls") as one:
            await one.talk(_person())
            await one.over()
            return one.desk, one.report

    desk, report = run_virtual(main())

    assert desk.told == ["started", "finished"]
    assert desk.forgotten == [CALL_ID]
    assert HOURS in [turn.text for turn in report.turns]
    assert desk.recordings == [None]


def test_files_that_cannot_be_written_are_missed_by_nobody_else(tmp_path: Path) -> None:
    """The disk fills up during the call: result and events are lost, the end and the recording so far are not."""
    desk = FakeDesk(Refuse())
    report = closing.unconnected(RECEPTIONIST)
    folder = tmp_path / report.call_id
    (folder / "result.json").mkdir(parents=True)  # nothing can be put in its place
    (folder / "recording.wav").write_bytes(b"so far")

    run_virtual(Telling(desk, tmp_path).ended(RECEPTIONIST, report, EVENTS, folder / "recording.wav"))

    assert desk.reports == [report]
    assert desk.recordings == [folder / "recording.wav"]


def test_a_call_whose_end_can_be_told_to_nobody_is_let_go() -> None:
    """The engine's own count of live calls goes down, and the desk's heartbeats cease."""

    async def main() -> tuple[FakeDesk, int]:
        async with line(texts=[HOURS]) as one:
            one.desk.faults = 1_000
            await one.talk(_person())
            await asyncio.sleep(60.0)
            return one.desk, one.engine.live

    desk, live = run_virtual(main())

    assert (desk.reports, desk.forgotten, live) == ([], [CALL_ID], 0)
