"""Who is at a number: the file's entries, the default respondent, and what cannot be reached."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.carrier.voices import ToneTTS
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.carrier.lines import Recognize, RespondentLine
from voice_engine.carrier.record import Answer
from voice_engine.carrier.recorded import WavLine
from voice_engine.carrier.rest.directory import Directory, read_directory
from voice_engine.carrier.rest.reach import Reached
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.ports.tts import Voice

VOICES = (Voice(id="en-1", language="en", label="One"), Voice(id="es-1", language="es", label="Uno"))
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def deaf(pcm: PCM) -> str:
    return ""


def reach(folder: Path, *numbers: str, tts: ToneTTS | None = None) -> list[Reached]:
    async def main() -> list[Reached]:
        directory = Directory(folder / "lines.yaml", tts=tts or ToneTTS(*VOICES), ears=lambda language: deaf)
        return [await directory.reach(number) for number in numbers]

    return run_virtual(main())


def write(folder: Path, text: str) -> Path:
    path = folder / "lines.yaml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_everybody_answers_after_two_rings(tmp_path: Path) -> None:
    tts = ToneTTS(*VOICES)

    english, spanish = reach(tmp_path, "+14155550199", "+34600123456", tts=tts)

    assert isinstance(english.line, RespondentLine)
    assert isinstance(spanish.line, RespondentLine)
    assert english.answer == Answer(after_ms=2000)
    assert {request.language for request in tts.requests} == {"en", "es"}


def test_numbers_that_no_plan_holds_are_not_found(tmp_path: Path) -> None:
    (reached,) = reach(tmp_path, "+1415")

    assert (reached.answer.how, reached.line, reached.sip_code) == ("failed", None, 404)


def test_every_kind_of_entry(tmp_path: Path) -> None:
    write(
        tmp_path,
        f"""
lines:
  "+14155550101": {{scenario: "{SCENARIOS}/en-busy.yaml"}}
  "+14155550103": {{voicemail: "You have reached Ana.", language: en}}
  "+14155550104": {{answer: busy}}
  "+14155550105": {{machine: fax}}
  "+14155550106": {{answer_after_ms: 4000}}
  "+14155550107": {{machine: silence}}
""",
    )

    busy, mailbox, engaged, fax, slow, silent = reach(
        tmp_path, *(f"+141555501{last:02d}" for last in (1, 3, 4, 5, 6, 7))
    )

    assert busy.answer.how == "busy"
    assert engaged == Reached(answer=Answer(how="busy"))
    assert slow.answer == Answer(after_ms=4000)
    assert isinstance(mailbox.line, RespondentLine)
    assert isinstance(fax.line, WavLine)
    assert isinstance(silent.line, WavLine)
    second = mulaw.decode_pcm(b"".join(fax.line.step(at, None).mulaw for at in range(1000, 2000, 20)))
    assert np.abs(np.fft.rfft(second.astype(float))).argmax() == 2100
    assert silent.line.step(0, None).mulaw == mulaw.silence(160)


def test_a_script_is_rendered_once_and_lines_are_fresh(tmp_path: Path) -> None:
    tts = ToneTTS(*VOICES)

    first, second = reach(tmp_path, "+14155550199", "+14155550198", tts=tts)

    assert first.line is not second.line
    assert len(tts.requests) == len({request.text for request in tts.requests})


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, 'lines:\n  "+14155550104": {answer: busy}\n')

    async def main() -> list[str]:
        directory = Directory(path, tts=ToneTTS(*VOICES), ears=lambda language: deaf)
        before = await directory.reach("+14155550104")
        write(tmp_path, 'lines:\n  "+14155550104": {answer: no_answer}\n')
        os.utime(path, ns=(1, 1))
        return [before.answer.how, (await directory.reach("+14155550104")).answer.how]

    assert run_virtual(main()) == ["busy", "no_answer"]


def test_scripts_may_be_rendered_before_the_first_call(tmp_path: Path) -> None:
    path = write(tmp_path, 'lines:\n  "+14155550103": {voicemail: "You have reached Ana."}\n')
    tts = ToneTTS(*VOICES)

    async def main() -> None:
        directory = Directory(path, tts=tts, ears=lambda language: deaf)
        await directory.prepare()
        spoken = len(tts.requests)
        await directory.reach("+14155550103")

        assert spoken == len(tts.requests) == 1

    run_virtual(main())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("numbers: {}", "unknown key"),
        ('lines: {"+14155550101": {answer: maybe}}', "answer"),
        ('lines: {"+14155550101": {machine: robot}}', "machine"),
        ('lines: {"+14155550101": {machine: fax, voicemail: hi}}', "takes one of"),
        ('lines: {"+14155550101": {scenario: nowhere.yaml}}', "nowhere.yaml"),
        ('lines: {"+14155550101": {answer: busy}, "+14155550101": {answer: busy}}', "given twice"),
        ('lines: {"+14155550101": {voicemail: hi, language: fr}}', "language"),
    ],
)
def test_a_directory_that_cannot_be_meant_is_refused_by_name(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        read_directory(write(tmp_path, text))


def test_an_empty_directory_is_fine(tmp_path: Path) -> None:
    assert read_directory(write(tmp_path, "lines:\n")) == {}
    assert read_directory(write(tmp_path, "{}")) == {}


def test_ears_are_woken_once_before_the_first_call_of_their_language(tmp_path: Path) -> None:
    """A model that is read within a call answers seconds late."""
    heard: list[tuple[str, int]] = []

    def ears(language: str) -> Recognize:
        def recognize(pcm: PCM) -> str:
            heard.append((language, pcm.size))
            return ""

        return recognize

    async def main() -> None:
        directory = Directory(tmp_path / "lines.yaml", tts=ToneTTS(*VOICES), ears=ears)
        for number in ("+14155550199", "+14155550198", "+34600123456"):
            await directory.reach(number)

    run_virtual(main())

    assert heard == [("en", 8000), ("es", 8000)]


def test_who_calls_in_has_a_question_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path, 'lines: {"+14155550104": {answer: busy}, "+14155550105": {machine: fax}}')
    tts = ToneTTS(*VOICES)

    async def main() -> list[Reached]:
        directory = Directory(path, tts=tts, ears=lambda language: deaf)
        numbers = (None, "+34600123456", "+14155550104", "+14155550105")
        return [await directory.caller(number) for number in numbers]

    withheld, spanish, busy, fax = run_virtual(main())

    assert isinstance(withheld.line, RespondentLine)
    assert isinstance(spanish.line, RespondentLine)
    assert busy.line is None
    assert isinstance(fax.line, WavLine)
    assert any("opening hours" in request.text for request in tts.requests)
    assert any("horario" in request.text for request in tts.requests)
