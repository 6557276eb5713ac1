"""Who is at which number: the directory file of the data directory, and a default respondent for all others.

```yaml
lines:
  "+14155550101": {scenario: nobu.yaml}           # a scripted respondent; paths are relative to this file
  "+14155550102": {recording: calls/0007}         # a recorded call's other party
  "+14155550103": {voicemail: "You have reached Ana. Please leave a message.", language: en}
  "+14155550104": {answer: busy}                  # or no_answer, failed
  "+14155550105": {machine: fax}                  # or silence
  "+14155550106": {answer: answer, answer_after_ms: 4000}   # the default respondent, slow to pick up
```

Numbers that no plan can hold ("not in service") fail with SIP 404. The file is read again when it has changed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import phonenumbers

from voice_engine.audio.frames import PCM, RATE_HZ, SAMPLES_PER_MS
from voice_engine.carrier import sounds, yamlfile
from voice_engine.carrier.leg import Line
from voice_engine.carrier.lines import Recognize, RespondentLine
from voice_engine.carrier.record import Answer
from voice_engine.carrier.recorded import RecordedCall, WavLine, load_recorded
from voice_engine.carrier.rest.persons import caller, person, voicemail
from voice_engine.carrier.rest.reach import Reached
from voice_engine.carrier.scenario import load_scenario
from voice_engine.carrier.script import LineSettings, RespondentScript
from voice_engine.carrier.voices import Rendered, render
from voice_engine.carrier.yamlfile import Field
from voice_engine.ports.tts import TTS

RING_MS = 2_000
"""How long the default respondent lets it ring."""

SILENT_S = 30
SPANISH = frozenset({"ES", "MX", "AR", "CO", "CL", "PE", "UY", "EC", "VE", "GT", "CR", "PA", "DO"})
"""Regions whose default respondent speaks Spanish; the others' speaks English."""

SIP_NOT_FOUND = 404

AnswerHow = Literal["answer", "busy", "no_answer", "failed"]
_ANSWERS: tuple[AnswerHow, ...] = ("answer", "busy", "no_answer", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One number's line. Exactly one of the sources is set where somebody answers."""

    answer: Answer
    script: RespondentScript | None = None
    settings: LineSettings | None = None
    recorded: RecordedCall | None = None
    sound: PCM | None = None


class Directory:
    """`Reach` over a file. `ears` gives recognition of a language; `tts` speaks the scripts, rendered once each."""

    def __init__(
        self, path: Path, *, tts: TTS | None, ears: Callable[[str], Recognize], avoid_voice: str | None = None
    ) -> None:
        self._path = path
        self._tts = tts
        self._ears = ears
        self._avoid_voice = avoid_voice
        self._read_at: int | None = None
        self._entries: dict[str, Entry] = {}
        self._rendered: dict[RespondentScript, Rendered] = {}
        self._rendering = asyncio.Lock()
        self._awake: set[str] = set()

    async def reach(self, number: str) -> Reached:
        """The line at a number, fresh for one call. Raises InvalidInput for a directory that cannot be read."""
        self._refresh()
        entry = self._entries.get(number)
        if entry is None:
            if not _possible(number):
                return Reached(answer=Answer(how="failed"), sip_code=SIP_NOT_FOUND)
            entry = Entry(answer=Answer(after_ms=RING_MS), script=person(_language(number)))
        if entry.answer.how != "answer":
            return Reached(answer=entry.answer)
        return Reached(answer=entry.answer, line=await self._line(entry))

    async def caller(self, number: str | None) -> Reached:
        """Who calls from a number: its entry, else somebody with a question. Raises InvalidInput, as `reach`."""
        self._refresh()
        entry = self._entries.get(number) if number is not None else None
        if entry is None:
            entry = Entry(answer=Answer(), script=caller(_language(number or "")))
        return Reached(answer=entry.answer, line=None if entry.answer.how != "answer" else await self._line(entry))

    async def prepare(self) -> None:
        """Render every script of the file and wake its ears, so that no call waits for it."""
        self._refresh()
        for entry in self._entries.values():
            if entry.script is not None:
                await self._voice(entry.script)
                await self._hearing(entry.script.language)

    async def _line(self, entry: Entry) -> Line:
        if entry.recorded is not None:
            return entry.recorded.line()
        if entry.sound is not None:
            return WavLine(tuple(sounds.frames(entry.sound)))
        script = entry.script
        assert script is not None, "an entry that answers has a source"
        rendered = await self._voice(script)
        recognize = await self._hearing(script.language)
        return RespondentLine(script, rendered, settings=entry.settings, recognize=recognize)

    async def _voice(self, script: RespondentScript) -> Rendered:
        async with self._rendering:
            if script not in self._rendered:
                self._rendered[script] = await render(script, self._tts, avoid_voice=self._avoid_voice)
            return self._rendered[script]

    async def _hearing(self, language: str) -> Recognize:
        """A language's ears. Models are read on first use: that is now, not within the first answer of a call."""
        recognize = self._ears(language)
        if language not in self._awake:
            self._awake.add(language)
            silence = np.zeros(RATE_HZ, dtype=np.int16)
            await asyncio.get_running_loop().run_in_executor(None, recognize, silence)
        return recognize

    def _refresh(self) -> None:
        written = self._path.stat().st_mtime_ns if self._path.exists() else None
        if written != self._read_at:
            self._entries = read_directory(self._path) if written is not None else {}
            self._read_at = written


def read_directory(path: Path) -> dict[str, Entry]:
    """Read a directory file. Raises InvalidInput naming file, line and key."""
    fields = yamlfile.load(path).mapping({"lines"})
    if "lines" not in fields:
        return {}
    return {number: _entry(field, path.parent) for number, field in fields["lines"].mapping().items()}


def _entry(field: Field, folder: Path) -> Entry:
    sources = ("scenario", "recording", "voicemail", "machine")
    f = field.mapping({*sources, "language", "answer", "answer_after_ms"})
    given = [name for name in sources if name in f]
    if len(given) > 1:
        raise field.error(f"takes one of {', '.join(sources)}")
    language = f["language"].choice(("en", "es")) if "language" in f else _language(field.key.rpartition(".")[2])
    entry = (
        _source(given[0], f[given[0]], folder, language)
        if given
        else Entry(answer=Answer(), script=person(language))
    )
    how = f["answer"].choice(_ANSWERS) if "answer" in f else entry.answer.how
    after_ms = f["answer_after_ms"].integer(0, 600_000) if "answer_after_ms" in f else entry.answer.after_ms
    return replace(entry, answer=Answer(how=how, after_ms=after_ms))


def _source(kind: str, field: Field, folder: Path, language: str) -> Entry:
    if kind == "scenario":
        scenario = load_scenario(folder / field.words())
        answer = Answer(how=scenario.line.answer, after_ms=scenario.line.answer_after_ms)
        return Entry(answer=answer, script=scenario.script, settings=scenario.line)
    if kind == "recording":
        return Entry(answer=Answer(), recorded=load_recorded(folder / field.words()))
    if kind == "voicemail":
        return Entry(answer=Answer(after_ms=RING_MS), script=voicemail(field.words(), language))
    machine = field.choice(("fax", "silence"))
    if machine == "fax":
        tone = sounds.tone(sounds.FAX_MS, sounds.FAX_HZ)
        return Entry(answer=Answer(), sound=np.concatenate([np.zeros(500 * SAMPLES_PER_MS, dtype=np.int16), tone]))
    return Entry(answer=Answer(), sound=np.zeros(SILENT_S * RATE_HZ, dtype=np.int16))


def _possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _language(number: str) -> str:
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return "en"
    return "es" if region in SPANISH else "en"
