"""One call a trial: a receptionist speaks or listens, the line plays one clip at a chosen moment, we watch.

Virtual time by default (providers cost what they declare); `realtime` measures this machine.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from voice_engine.audio import mixing, mulaw
from voice_engine.audio.frames import PCM
from voice_engine.bootstrap import Providers, call_services
from voice_engine.carrier.calls import LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document, stream_verb
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame
from voice_engine.carrier.memory import LocalConnector
from voice_engine.clock import LoopClock
from voice_engine.config import Settings
from voice_engine.ports.call import (
    Assistant,
    Business,
    CallReport,
    CallSpec,
    EngineEvent,
    KnowledgeEntry,
    Language,
    OpeningHours,
)
from voice_engine.ports.media import MediaSocket
from voice_engine.runtime.single import SingleCall

NOW = datetime.fromisoformat("2026-02-13T10:00:00-05:00")
LINE_NOISE_DBFS = -58.0
"""A quiet line is not digital silence."""

GREETINGS: Mapping[Language, str] = {
    "en": "Thank you for calling Bright Smile.",
    "es": "Gracias por llamar a Sonrisa.",
}
LONG_GREETINGS: Mapping[Language, str] = {
    "en": "Thank you for calling Bright Smile, the dental practice in the High Street. Our dentists are in every "
    "day from Monday to Friday, and on request also on the weekend. We offer cleanings, check ups and whitening, "
    "for the whole family, and new patients are always welcome here.",
    "es": "Gracias por llamar a la clínica Sonrisa, en la Calle Mayor. Nuestros dentistas atienden todos los días "
    "de lunes a viernes, y con cita previa también los fines de semana. Ofrecemos limpiezas, revisiones y "
    "blanqueamiento para toda la familia, y siempre aceptamos nuevos pacientes.",
}


def receptionist(language: Language, *, long_greeting: bool) -> CallSpec:
    """An inbound call to a dental practice."""
    hours = OpeningHours(open=datetime(2026, 1, 1, 9).time(), close=datetime(2026, 1, 1, 17).time())
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    return CallSpec(
        call_id="trial",
        direction="inbound",
        language=language,
        answered_at=NOW,
        record=False,
        assistant=Assistant(
            name="Ann",
            business=Business(
                name="Bright Smile", address="12 High Street", timezone="America/New_York",
                services=("cleaning", "check up") if language == "en" else ("limpieza", "revisión"),
            ),
            greeting=(LONG_GREETINGS if long_greeting else GREETINGS)[language],
            hours=dict.fromkeys(days, hours),
            knowledge=(KnowledgeEntry(key="parking", text="There is a free car park behind the house."),),
        ),
    )  # fmt: skip


class TrialLine:
    """Plays one clip, at `at_ms` of the engine's speech or `after_ms` of quiet after it; then hangs up."""

    def __init__(
        self, clip: PCM, *, into_speech_ms: int | None = None, after_quiet_ms: int = 700, linger_ms: int = 4000,
        echo_db: float | None = None, echo_delay_ms: int = 0,
    ) -> None:  # fmt: skip
        noise = mixing.line_noise(8000 * 5, LINE_NOISE_DBFS, seed=7)
        self._noise = [noise[at : at + 160] for at in range(0, len(noise), 160)]
        frames = -(-len(clip) // 160)
        padded = np.pad(clip, (0, frames * 160 - len(clip)))
        self._clip = [padded[at : at + 160] for at in range(0, frames * 160, 160)]
        self._into_ms = into_speech_ms
        self._after_quiet_ms = after_quiet_ms
        self._linger_ms = linger_ms
        self._echo_gain = 10 ** (echo_db / 20) if echo_db is not None else 0.0
        self._echo: list[PCM] = []
        self._echo_frames = echo_delay_ms // 20
        self._spoke_ms = 0
        self._quiet_ms = 0
        self._next = -1
        self.started_ms: int | None = None
        self.ended_ms: int | None = None
        self.engine_first_ms: int | None = None
        self.engine_stopped_ms: int | None = None
        self._frame = 0

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """20 ms of the trial."""
        sounding = heard is not None and any(byte not in (0xFF, 0x7F, 0xFE, 0x7E) for byte in heard[::8])
        self._note(at_ms, sounding)
        if self.started_ms is None and self._due():
            self.started_ms, self._next = at_ms, 0
        pcm = self._noise[self._frame % len(self._noise)].astype("int32")
        self._frame += 1
        if 0 <= self._next < len(self._clip):
            pcm = pcm + self._clip[self._next]
            self._next += 1
            if self._next == len(self._clip):
                self.ended_ms = at_ms + 20
        if self._echo_gain:
            pcm = pcm + self._echoed(heard)
        over = self.ended_ms is not None and at_ms > self.ended_ms + self._linger_ms
        over = over or at_ms > 60_000
        return LineFrame(mulaw.encode_pcm(pcm.clip(-32768, 32767).astype("int16")), hung_up=over)

    def _note(self, at_ms: int, sounding: bool) -> None:
        if sounding:
            self._spoke_ms += 20
            self._quiet_ms = 0
            if self.ended_ms is not None and self.engine_first_ms is None and self.engine_stopped_ms is not None:
                self.engine_first_ms = at_ms
        else:
            self._quiet_ms += 20
            if self.started_ms is not None and self.engine_stopped_ms is None and self._quiet_ms >= 100:
                self.engine_stopped_ms = at_ms - self._quiet_ms + 20

    def _due(self) -> bool:
        if self._into_ms is not None:
            return self._spoke_ms >= self._into_ms
        return self._spoke_ms > 0 and self._quiet_ms >= self._after_quiet_ms

    def _echoed(self, heard: bytes | None) -> PCM:
        played = mulaw.decode_pcm(heard if heard is not None else SILENT_FRAME)
        self._echo.append((played * self._echo_gain).astype("int16"))
        at = len(self._echo) - 1 - self._echo_frames
        return self._echo[at] if at >= 0 else played * 0

    def press(self, digits: str, at_ms: int) -> None:
        """No keys are expected."""

    async def settle(self) -> None:
        """Nothing is pending."""


@dataclass
class Trial:
    """What happened."""

    line: TrialLine
    events: list[EngineEvent]
    report: CallReport
    facts: dict[str, object] = field(default_factory=dict)

    def first(self, *types: str, after_ms: float = 0) -> EngineEvent | None:
        """The first event of these types at or after a moment of the call."""
        return next((e for e in self.events if e.type in types and e.at_ms >= after_ms), None)


async def run_trial(
    spec: CallSpec, line: TrialLine, settings: Settings, providers: Providers, *, directory: Path | None = None,
    on_session: Callable[[SingleCall], None] | None = None,
) -> Trial:  # fmt: skip
    """Hold one call with `line` and return what was seen."""
    parameters = {"call_id": spec.call_id}
    async with asyncio.TaskGroup() as tasks:

        async def connect(url: str) -> MediaSocket:
            return await connector(url)

        carrier = LocalCarrier(connect=connect, clock=LoopClock(), tasks=tasks)
        control = LocalCallControl(carrier, lambda _: stream_verb(parameters=parameters))
        engine = SingleCall(spec, call_services(settings, providers, spec, control), tasks, directory=directory)
        if on_session is not None:
            on_session(engine)
        connector = LocalConnector(engine.handle, tasks)
        dialled = carrier.receive(line, to="+15550100100", document=stream_document(parameters=parameters))
        await carrier.wait(dialled.call_sid)
        await engine.result(dialled)
    assert engine.report is not None
    return Trial(line, engine.events, engine.report)


Target = tuple[str, str, float]
"""A figure's name, `<=` or `>=`, and the bound."""


def verdict(summary: Mapping[str, dict], targets: tuple[Target, ...] | Mapping[str, tuple[Target, ...]]) -> dict:
    """Hold each language's figures against the targets (one set for all, or one a language), for `make accept`."""
    figures: dict[str, float | None] = {}
    missed: list[str] = []
    for language, measured in summary.items():
        for name, sign, bound in targets[language] if isinstance(targets, Mapping) else targets:
            value = figures[f"{language} {name}"] = measured.get(name)
            if value is None or (value > bound if sign == "<=" else value < bound):
                missed.append(f"{language} {name} is {value}, wanted {sign} {bound}")
    return {"passed": not missed, "figures": figures, "notes": missed}
