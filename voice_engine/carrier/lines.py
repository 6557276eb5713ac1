"""Lines that speak and listen in audio: the scripted respondent. Everything it says is rendered beforehand."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voice_engine.audio import mixing, mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, PCM, SAMPLES_PER_MS
from voice_engine.audio.level import SILENCE_DBFS, active_dbfs, dbfs
from voice_engine.carrier import sounds
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame
from voice_engine.carrier.respondent import (
    Act,
    AwaitFloor,
    HangUp,
    PlayBeep,
    PlayMusic,
    PressKeys,
    Quiet,
    Respondent,
    Speak,
)
from voice_engine.carrier.script import LineSettings, RespondentScript
from voice_engine.carrier.spotter import RunStarted, SpeechSpotter, UtteranceEnded, UtteranceStarted

Recognize = Callable[[PCM], str]
"""What an engine utterance says: int16 mono 8 kHz → text. Blocking; it is called in an executor."""

PRE_ROLL_MS = 120
"""Audio before an utterance's onset that recognition gets too."""

KEY_MS = 200
"""One pressed key: 100 ms of tone, 100 ms of gap."""

NOISE_LOOP_S = 5
"""Line noise repeats after this long; no engine listens for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One utterance of the engine as the line heard it."""

    started_ms: int
    ended_ms: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One speech of the respondent, as it was played: times of its first and last sample."""

    step_id: str
    slot: str
    started_ms: int
    ended_ms: int


class RespondentLine:
    """A `Line` on which a scripted respondent speaks.

    `rendered` has the audio of every (step id, slot) that can be spoken, at a usual level (about −20 dBFS).
    """

    def __init__(
        self,
        script: RespondentScript,
        rendered: Mapping[tuple[str, str], PCM],
        *,
        settings: LineSettings | None = None,
        recognize: Recognize,
        seed: int = 1,
    ) -> None:
        settings = settings or LineSettings()
        self.respondent = Respondent(script)
        self.heard: list[Heard] = []
        self.spoken: list[Spoken] = []
        self._rendered = rendered
        self._recognize = recognize
        self._spotter = SpeechSpotter()
        self._engine = bytearray()
        self._pending: deque[tuple[UtteranceEnded, asyncio.Future[str]]] = deque()
        self._acts: deque[Act] = deque()
        self._performing = False
        self._floor_until_ms: int | None = None
        self._audio: deque[bytes] = deque()
        self._keys: deque[tuple[int, str]] = deque()
        self._speech: tuple[Speak, int] | None = None
        self._hang_up = False
        self._channel = _Channel(settings, rendered, seed)

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """Listen to 20 ms, think, and speak 20 ms."""
        self._listen(at_ms, heard)
        self._collect()
        self._think(at_ms)
        frame = self._audio.popleft() if self._audio else None
        digits = self._keys.popleft()[1] if self._keys and self._keys[0][0] <= at_ms else ""
        self._after_frame(at_ms + FRAME_MS)
        pcm, lost = self._channel.send(frame, heard)
        return LineFrame(pcm, digits, lost, self._hang_up)

    def press(self, digits: str, at_ms: int) -> None:
        """The engine's keys arrive."""
        self.respondent.keys(digits)

    async def settle(self) -> None:
        """Recognise the utterance that the end of the call cut off, and wait for every recognition."""
        now_ms = len(self._engine) // 8
        if self._spotter.speaking:
            for gap in range(0, 2000, FRAME_MS):
                self._react(now_ms + gap, SILENCE_DBFS)
        for ended, future in self._pending:
            self._keep(ended, await future)
        self._pending.clear()
        self.respondent.finish(now_ms)

    # -- ears ------------------------------------------------------------------------------------------------

    def _listen(self, at_ms: int, heard: bytes | None) -> None:
        self._engine += heard if heard is not None else SILENT_FRAME
        self._react(at_ms, SILENCE_DBFS if heard is None else dbfs(mulaw.decode(heard)))

    def _react(self, at_ms: int, level_dbfs: float) -> None:
        for event in self._spotter.step(at_ms, level_dbfs):
            match event:
                case RunStarted(started_ms):
                    self.respondent.engine_voiced(started_ms)
                case UtteranceStarted(started_ms):
                    self.respondent.engine_started(started_ms)
                case UtteranceEnded():
                    self.respondent.engine_stopped()
                    self._pending.append((event, self._start_recognition(event)))

    def _start_recognition(self, event: UtteranceEnded) -> asyncio.Future[str]:
        first = max(0, event.started_ms - PRE_ROLL_MS) * SAMPLES_PER_MS
        pcm = mulaw.decode_pcm(bytes(self._engine[first : event.ended_ms * SAMPLES_PER_MS]))
        return asyncio.get_running_loop().run_in_executor(None, self._recognize, pcm)

    def _collect(self) -> None:
        while self._pending and self._pending[0][1].done():
            ended, future = self._pending.popleft()
            self._keep(ended, future.result())

    def _keep(self, ended: UtteranceEnded, text: str) -> None:
        self.heard.append(Heard(started_ms=ended.started_ms, ended_ms=ended.ended_ms, text=text))
        self.respondent.engine_said(text, started_ms=ended.started_ms, ended_ms=ended.ended_ms)

    # -- mouth and hands -------------------------------------------------------------------------------------

    def _think(self, now_ms: int) -> None:
        if not self._performing:
            self._acts.extend(self.respondent.poll(now_ms))
            self._performing = bool(self._acts)
        while self._acts and not self._audio and not self._keys:
            if not self._begin(self._acts[0], now_ms):
                return
            self._acts.popleft()

    def _begin(self, act: Act, now_ms: int) -> bool:
        """Begin an act; False while it has to wait."""
        match act:
            case AwaitFloor(limit_ms):
                return self._floor_is_free(now_ms, limit_ms)
            case Quiet(duration_ms):
                self._audio.extend([SILENT_FRAME] * (duration_ms // FRAME_MS))
            case PlayMusic(duration_ms):
                self._queue(sounds.music(duration_ms))
            case PlayBeep():
                self._queue(sounds.beep())
            case PressKeys(digits):
                self._keys.extend((now_ms + index * KEY_MS, digit) for index, digit in enumerate(digits))
                self._audio.extend([SILENT_FRAME] * (len(digits) * KEY_MS // FRAME_MS))
            case Speak(step_id, slot, _):
                if slot != "backchannel":
                    self.respondent.speech_began(now_ms)
                self._speech = (act, now_ms)
                self._queue(self._channel.level(self._rendered[step_id, slot]))
            case HangUp():
                self._hang_up = True
        return True

    def _floor_is_free(self, now_ms: int, limit_ms: int) -> bool:
        if self._floor_until_ms is None:
            self._floor_until_ms = now_ms + limit_ms
        if self._spotter.speaking and now_ms < self._floor_until_ms:
            return False
        self._floor_until_ms = None
        return True

    def _queue(self, pcm: PCM) -> None:
        self._audio.extend(sounds.frames(pcm))

    def _after_frame(self, now_ms: int) -> None:
        if self._audio:
            return
        if self._speech is not None:
            act, started_ms = self._speech
            self._speech = None
            self.spoken.append(Spoken(step_id=act.step_id, slot=act.slot, started_ms=started_ms, ended_ms=now_ms))
        if self._performing and not self._acts and not self._keys:
            self._performing = False
            self.respondent.performed(now_ms, engine_audible=self._spotter.audible(now_ms))


class _Channel:
    """What the line does to the respondent's voice: gain, noise, echo of the engine, lost packets."""

    def __init__(self, settings: LineSettings, rendered: Mapping[tuple[str, str], PCM], seed: int) -> None:
        self._settings = settings
        self._frames = 0
        self._noise: list[PCM] = []
        if settings.noise_db is not None:
            levels = [active_dbfs(pcm) for pcm in rendered.values() if pcm.size]
            speech_dbfs = (sum(levels) / len(levels) if levels else -20.0) + settings.gain_db
            noise = mixing.line_noise(NOISE_LOOP_S * 8000, speech_dbfs - settings.noise_db, seed=seed)
            self._noise = list(noise.reshape(-1, FRAME_SAMPLES))
        frames = 30 * 60 * 50
        self._lost = mixing.loss_pattern(frames, settings.packet_loss, seed=seed) if settings.packet_loss else None
        self._echo: deque[bytes | None] = deque()
        if settings.echo is not None:
            self._echo.extend([None] * max(1, settings.echo.delay_ms // FRAME_MS))

    def level(self, pcm: PCM) -> PCM:
        """A rendered speech at the line's level."""
        return mixing.gain(pcm, self._settings.gain_db) if self._settings.gain_db else pcm

    def send(self, frame: bytes | None, heard: bytes | None) -> tuple[bytes, bool]:
        """One frame as it arrives at the carrier, and whether it got lost."""
        index = self._frames
        self._frames += 1
        lost = self._lost is not None and bool(self._lost[index % self._lost.size])
        echo = self._returning(heard)
        if not self._noise and echo is None:
            return frame if frame is not None else SILENT_FRAME, lost
        parts = [] if frame is None else [mulaw.decode_pcm(frame)]
        if self._noise:
            parts.append(self._noise[index % len(self._noise)])
        if echo is not None:
            parts.append(echo)
        return mulaw.encode_pcm(mixing.mix(*parts)), lost

    def _returning(self, heard: bytes | None) -> PCM | None:
        if self._settings.echo is None:
            return None
        self._echo.append(heard)
        back = self._echo.popleft()
        return None if back is None else mixing.gain(mulaw.decode_pcm(back), self._settings.echo.db)
