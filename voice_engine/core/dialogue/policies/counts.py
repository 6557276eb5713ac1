"""Whether a bare number is the party or the hour: "eight on Friday works" answers a request for two at eight."""

import datetime as dt
from dataclasses import replace
from typing import Any

from voice_engine.core.dialogue.commands import Command, Confirm, Provide, When
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.said import said_moments
from voice_engine.core.dialogue.turn import Turn

_HALF_DAY_HOURS = 12


def settle_counts(turn: Turn) -> tuple[Command, ...]:
    """The commands with a party that is not ours, but is the hour we asked for, taken for that hour.

    Only where they name no other time: "eight on Friday at nine" speaks of eight people.
    """
    party = brief_of(turn).slots.get("party_size")
    wished = turn.state.agreed.get("time", brief_of(turn).wanted.preferred)
    if party is None or not isinstance(wished, dt.time) or _names_time(turn):
        return turn.commands
    return tuple(_settled(command, party, wished) for command in turn.commands)


def _names_time(turn: Turn) -> bool:
    moments: list[When] = said_moments(turn)
    return any(moment.time is not None for moment in moments) or any(
        "time" in confirm.slots for confirm in turn.all(Confirm)
    )


def _settled(command: Command, party: Any, wished: dt.time) -> Command:
    match command:
        case Provide(slot="party_size", value=int() as number) if _is_hour(number, party, wished):
            return Provide(slot="time", value=wished)
        case Confirm(slots={"party_size": int() as number, **rest}) if _is_hour(number, party, wished):
            return replace(command, slots={**rest, "time": wished})
    return command


def _is_hour(number: int, party: Any, wished: dt.time) -> bool:
    return number != party and wished.minute == 0 and number % _HALF_DAY_HOURS == wished.hour % _HALF_DAY_HOURS
