"""A scripted respondent as data: its steps, its line, what a call with it must come to. Loaded by `scenario`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

PAUSE_MARK = re.compile(r"\[(\d+)\]")
"""`[400]` inside a `say`: a pause of 400 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """The engine's own voice coming back from the far end: `db` relative to what was played, after `delay_ms`."""

    db: float
    delay_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """The respondent's line.

    `noise_db` is the signal-to-noise ratio of line noise (None: no noise), `packet_loss` a share, 0..1.
    """

    answer: Literal["answer", "busy", "no_answer", "failed"] = "answer"
    answer_after_ms: int = 0
    noise_db: float | None = None
    gain_db: float = 0.0
    packet_loss: float = 0.0
    echo: Echo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a respondent; the keys are those of the file, `otherwise` is its `else`."""

    id: str
    when: re.Pattern[str] | None = None
    expect_dtmf: str | None = None
    wait_ms: int = 0
    silence_ms: int = 0
    music_ms: int = 0
    beep: bool = False
    dtmf: str | None = None
    say: str | None = None
    otherwise: str | None = None
    hang_up: bool = False
    within_ms: int | None = None
    barge_in_after_ms: int | None = None
    backchannel: str | None = None

    @property
    def conditional(self) -> bool:
        """Whether the step waits for something the engine says or presses."""
        return self.when is not None or self.expect_dtmf is not None

    def lines(self) -> tuple[str, ...]:
        """Everything that this step may have to say."""
        return tuple(text for text in (self.say, self.otherwise, self.backchannel) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondentScript:
    """Who answers (or calls in): `voice` of a synthesizer, or `wav_dir` with one file per step id."""

    name: str
    language: str
    steps: tuple[Step, ...]
    voice: str | None = None
    wav_dir: Path | None = None


ABSENT: Any = object()
"""An expectation that was not stated; None is one that was: `agreed: null` demands that nothing was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What a call must come to; keys that are left out are not checked."""

    status: str | None = None
    task_outcome: Any = ABSENT
    agreed: Any = ABSENT
    confirmation: Any = ABSENT
    highlights: tuple[re.Pattern[str], ...] = ()
    said: tuple[re.Pattern[str], ...] = ()
    not_said: tuple[re.Pattern[str], ...] = ()
    max_response_ms: int | None = None
    exact: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Further top-level keys of a result that must be equal: disposition, transferred_to, do_not_call."""


def segments(say: str) -> list[str | int]:
    """Split a `say` at its pauses: texts and pauses in ms, in order, without empty texts."""
    parts: list[str | int] = []
    for index, part in enumerate(PAUSE_MARK.split(say)):
        if index % 2:
            parts.append(int(part))
        elif part.strip():
            parts.append(part.strip())
    return parts


def plain(say: str) -> str:
    """A `say` without its pause marks."""
    return " ".join(part for part in segments(say) if isinstance(part, str))
