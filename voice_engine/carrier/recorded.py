"""Recorded calls: a folder with `call.yaml` and the other party's side, as audio or as the messages received."""

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES
from voice_engine.audio.wav import read_wav
from voice_engine.carrier import yamlfile
from voice_engine.carrier.callfile import CALL_KEYS, CallFile, read_call
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame
from voice_engine.carrier.scenario import read_expectations
from voice_engine.carrier.script import Expectations
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallSpec

TAIL_MS = 2_000
"""The line stays open so long after a recording's last sample: a person listens for an answer before hanging up."""

_EVENTS = frozenset({"connected", "start", "media", "dtmf", "mark", "stop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedMessage:
    """One received message: `at_ms` since connect, its object, and how many marks came before it in the log."""

    at_ms: int
    body: dict[str, Any]
    marks_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A recorded call. Exactly one of `caller` (μ-law frames of 20 ms) and `log` is set."""

    name: str
    path: Path
    call: CallFile
    expect: Expectations
    caller: tuple[bytes, ...] | None = None
    log: tuple[LoggedMessage, ...] | None = None

    @property
    def spec(self) -> CallSpec:
        """What the engine is told."""
        return self.call.spec

    def line(self) -> "WavLine | LogLine":
        """A fresh line that plays the recording once."""
        if self.caller is not None:
            return WavLine(self.caller)
        assert self.log is not None
        return LogLine(self.log)


def load_recorded(folder: Path) -> RecordedCall:
    """Read a folder. Raises InvalidInput naming the file and what is wrong."""
    if not folder.is_dir():
        raise InvalidInput("no_such_file", f"{folder}: no such folder")
    root = yamlfile.load(folder / "call.yaml")
    fields = root.mapping(CALL_KEYS | {"name"})
    name = fields["name"].words() if "name" in fields else folder.name
    call = read_call(root, fields, call_id=name)
    expect = read_expectations(fields.get("expect"))
    wav, log = folder / "caller.wav", folder / "stream.jsonl"
    if wav.exists():
        return RecordedCall(name=name, path=folder, call=call, expect=expect, caller=_frames(wav))
    if log.exists():
        return RecordedCall(name=name, path=folder, call=call, expect=expect, log=_log(log))
    raise InvalidInput("no_such_file", f"{folder}: holds neither caller.wav nor stream.jsonl")


def find_recorded(paths: list[Path]) -> list[Path]:
    """The recorded calls of `paths`: folders with a call.yaml, at any depth, sorted.

    Raises InvalidInput (`no_such_file`, `nothing_found`).
    """
    found: list[Path] = []
    for path in paths:
        folder = path.parent if path.name == "call.yaml" else path
        if not folder.is_dir():
            raise InvalidInput("no_such_file", f"{path}: no such folder")
        inside = sorted(file.parent for file in folder.rglob("call.yaml"))
        if not inside:
            raise InvalidInput("nothing_found", f"{path}: no call.yaml in this folder")
        found.extend(inside)
    return found


def _frames(path: Path) -> tuple[bytes, ...]:
    pcm = read_wav(path)
    coded = mulaw.encode_pcm(np.concatenate([pcm, np.zeros(-pcm.size % FRAME_SAMPLES, dtype=np.int16)]))
    return tuple(coded[at : at + FRAME_SAMPLES] for at in range(0, len(coded), FRAME_SAMPLES))


def _log(path: Path) -> tuple[LoggedMessage, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("unreadable_file", f"{path}: cannot be read ({error})") from error
    messages: list[LoggedMessage] = []
    marks = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        body = _message(line, f"{path}:{number}")
        at_ms = body.pop("_at_ms")
        if messages and at_ms < messages[-1].at_ms:
            raise InvalidInput("bad_log", f"{path}:{number}: _at_ms goes back")
        marks += body["event"] == "mark"
        messages.append(LoggedMessage(at_ms=int(at_ms), body=body, marks_before=marks))
    if not any(message.body["event"] == "media" for message in messages):
        raise InvalidInput("bad_log", f"{path}: holds no media message")
    return tuple(messages)


def _message(line: str, place: str) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        raise InvalidInput("bad_log", f"{place}: not JSON") from None
    if not isinstance(body, dict) or body.get("event") not in _EVENTS:
        raise InvalidInput("bad_log", f"{place}: not a media-stream message")
    at_ms = body.get("_at_ms")
    if isinstance(at_ms, bool) or not isinstance(at_ms, int | float) or at_ms < 0:
        raise InvalidInput("bad_log", f"{place}: needs _at_ms, milliseconds since connect")
    if body["event"] == "media":
        _check_media(body, place)
    return body


def _check_media(body: dict[str, Any], place: str) -> None:
    media = body.get("media")
    try:
        base64.b64decode(media["payload"], validate=True)  # type: ignore[index]  # whatever it is, the error says so
        int(body["sequenceNumber"])
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise InvalidInput(
            "bad_log", f"{place}: a media message needs sequenceNumber and a base64 payload"
        ) from None


class WavLine:
    """Plays recorded audio from answer on, stays silent for the tail, and hangs up."""

    def __init__(self, frames: tuple[bytes, ...]) -> None:
        self._frames = frames
        self._end_frame = len(frames) + TAIL_MS // FRAME_MS

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """The recording's frame at `at_ms`."""
        index = at_ms // FRAME_MS
        frame = self._frames[index] if index < len(self._frames) else SILENT_FRAME
        return LineFrame(frame, hung_up=index + 1 >= self._end_frame)

    def press(self, digits: str, at_ms: int) -> None:
        """A recording does not react."""

    async def settle(self) -> None:
        """Nothing is left to do."""


class LogLine:
    """Passes recorded messages on when they arrived, to the frame; marks not: they answered another engine."""

    def __init__(self, log: tuple[LoggedMessage, ...]) -> None:
        self._log = log
        self._next = 0

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """The messages that arrived in the 20 ms from `at_ms` on."""
        passed: list[LoggedMessage] = []
        hung_up = False
        while self._next < len(self._log) and self._log[self._next].at_ms < at_ms + FRAME_MS:
            message = self._log[self._next]
            self._next += 1
            hung_up = hung_up or message.body["event"] == "stop"
            if message.body["event"] in ("media", "dtmf"):
                passed.append(message)
        raw = tuple((message.body, message.marks_before) for message in passed)
        return LineFrame(raw=raw, hung_up=hung_up or self._next == len(self._log))

    def press(self, digits: str, at_ms: int) -> None:
        """A recording does not react."""

    async def settle(self) -> None:
        """Nothing is left to do."""
