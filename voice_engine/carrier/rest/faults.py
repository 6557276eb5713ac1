"""What may go wrong between the REST half and its customer, as tests and operators order it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from voice_engine.errors import InvalidInput

CreateFault = Literal["error_before", "error_after", "silence_after"]
"""POST /Calls answers 500 without having dialled, answers 500 after it, or dials and never answers."""

CREATE_FAULTS: tuple[CreateFault, ...] = ("error_before", "error_after", "silence_after")

CALLBACKS = ("initiated", "ringing", "answered", "completed", "amd", "recording", "stream", "conference")
"""Callbacks by what they tell."""


@dataclass(slots=True)
class RestFaults:
    """Ordered faults. `create` is used up one per call; the others hold until they are changed.

    `drop`: callbacks that never go out; `delay_ms`: that go out late, so that later ones overtake them; `repeat`:
    how often more one is sent.
    """

    create: list[CreateFault] = field(default_factory=list)
    drop: set[str] = field(default_factory=set)
    delay_ms: dict[str, float] = field(default_factory=dict)
    repeat: dict[str, int] = field(default_factory=dict)

    def next_create(self) -> CreateFault | None:
        """The fault of the next POST /Calls, used up by asking."""
        return self.create.pop(0) if self.create else None

    def order(self, wanted: Mapping[str, object]) -> None:
        """Replace everything by what a JSON object says. Raises InvalidInput (`bad_faults`)."""
        unknown = set(wanted) - {"create", "drop", "delay_ms", "repeat"}
        if unknown:
            raise InvalidInput("bad_faults", f"unknown faults: {', '.join(sorted(unknown))}")
        create = _words(wanted.get("create", []), CREATE_FAULTS)
        drop = set(_words(wanted.get("drop", []), CALLBACKS))
        delay_ms = {event: float(amount) for event, amount in _amounts(wanted.get("delay_ms", {})).items()}
        repeat = {event: int(amount) for event, amount in _amounts(wanted.get("repeat", {})).items()}
        self.create = [fault for word in create for fault in CREATE_FAULTS if fault == word]
        self.drop, self.delay_ms, self.repeat = drop, delay_ms, repeat


def _words(value: object, known: tuple[str, ...]) -> list[str]:
    if not isinstance(value, list) or not all(word in known for word in value):
        raise InvalidInput("bad_faults", f"a list of {', '.join(known)}, not {value!r}")
    return value


def _amounts(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise InvalidInput("bad_faults", f"an object of callbacks and numbers, not {value!r}")
    for event, amount in value.items():
        good = isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount <= 600_000
        if event not in CALLBACKS or not good:
            raise InvalidInput("bad_faults", f"{event}: {amount!r} is no amount of a callback")
    return value
