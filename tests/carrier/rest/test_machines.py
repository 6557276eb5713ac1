"""Machine detection on calls: beside the TwiML, before it, and not at all with digits to send."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, open_rig
from tests.carrier.rest.test_amd import silence, speech
from tests.carrier.test_talking import TalkingLine
from voice_engine.audio.frames import PCM
from voice_engine.carrier import sounds
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import DialOrder, MachineDetection

ORDER = DialOrder(
    to=THEIRS,
    from_number=OURS,
    answer_url=f"{BASE}/voice",
    amd=MachineDetection.ASYNC,
    amd_url=f"{BASE}/amd?attempt=a1",
)

HUMAN = np.concatenate([silence(300), speech(800), silence(6000)])
MACHINE = np.concatenate([silence(300), speech(5000), silence(400), sounds.beep(), silence(4000)])
FAX = np.concatenate([silence(500), sounds.tone(3000, sounds.FAX_HZ), silence(2000)])


@pytest.mark.parametrize(
    ("greeting", "answered_by", "after_ms"),
    [
        (HUMAN, "human", 2300),
        (MACHINE, "machine_start", 2700),
        (FAX, "fax", 1000),
        (silence(8000), "unknown", 5000),
    ],
)
def test_the_verdict_comes_while_the_twiml_runs(
    greeting: PCM, answered_by: str, after_ms: int, tmp_path: Path
) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents["/voice"] = STREAM
            rig.world.put(THEIRS, lambda: TalkingLine(greeting, hang_up_after_ms=9000))
            placed = await rig.telephony.place_call(ORDER)
            await rig.ended(placed.call_sid)

            assert rig.customer.at("/voice")[0].at_ms == 0
            assert "AnsweredBy" not in rig.customer.at("/voice")[0].form
            (told,) = rig.customer.at("/amd")
            assert told.signed
            assert told.query == {"attempt": "a1"}
            assert told.form["AnsweredBy"] == answered_by
            assert int(told.form["MachineDetectionDuration"]) == pytest.approx(after_ms, abs=60)
            assert told.at_ms == pytest.approx(after_ms, abs=160)
            assert (await rig.telephony.fetch_call(placed.call_sid)).answered_by == answered_by

    run_virtual(main())


def test_a_call_that_ends_before_the_verdict_has_none(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents["/voice"] = STREAM
            rig.world.put(THEIRS, lambda: TalkingLine(silence(100), hang_up_after_ms=1000))
            placed = await rig.telephony.place_call(ORDER)
            await rig.ended(placed.call_sid)

            assert rig.customer.at("/amd") == []
            assert (await rig.telephony.fetch_call(placed.call_sid)).answered_by is None

    run_virtual(main())


def test_without_detection_nothing_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: TalkingLine(HUMAN, hang_up_after_ms=9000))
            placed = await rig.telephony.place_call(replace(ORDER, amd=MachineDetection.OFF))
            await rig.ended(placed.call_sid)

            assert rig.customer.at("/amd") == []

    run_virtual(main())


def test_synchronous_detection_holds_the_twiml_back(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: TalkingLine(MACHINE, hang_up_after_ms=9000))
            placed = await rig.api(
                "POST", "Calls.json", To=THEIRS, From=OURS, Url=f"{BASE}/voice", MachineDetection="DetectMessageEnd"
            )
            await rig.ended(placed.json()["sid"])

            (asked,) = rig.customer.at("/voice")
            assert asked.form["AnsweredBy"] == "machine_end_beep"
            assert asked.at_ms == pytest.approx(300 + 5000 + 400 + sounds.BEEP_MS, abs=200)

    run_virtual(main())


def test_digits_to_send_switch_detection_off(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: TalkingLine(MACHINE, hang_up_after_ms=9000))
            placed = await rig.api(
                "POST",
                "Calls.json",
                To=THEIRS,
                From=OURS,
                Url=f"{BASE}/voice",
                MachineDetection="Enable",
                SendDigits="1",
            )
            await rig.ended(placed.json()["sid"])

            assert "AnsweredBy" not in rig.customer.at("/voice")[0].form
            assert rig.customer.at("/voice")[0].at_ms < 500

    run_virtual(main())
