"""Which offer to take, and what to propose instead: a pure function of what is wanted and what was offered.

offers inside the window → the nearest to the preference, then the owner's order
none inside → counter with the window (at most two rounds) → the owner's next date → give up
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.commands import When

MAX_ROUNDS = 2
_HALF_DAY_MINUTES = 12 * 60
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the owner allows. `dates` in the owner's order, empty when any day will do.

    `earliest`/`latest` are inclusive; both None: any time will do. `preferred` is always inside them.
    """

    dates: tuple[dt.date, ...] = ()
    preferred: dt.time | None = None
    earliest: dt.time | None = None
    latest: dt.time | None = None

    def date(self, index: int) -> dt.date | None:
        """The owner's `index`-th date, or None when there is none."""
        return self.dates[index] if index < len(self.dates) else None

    def allows(self, moment: dt.time) -> bool:
        """Whether the owner accepts this time of day; a window may cross midnight."""
        if self.earliest is None or self.latest is None:
            return True
        if self.earliest <= self.latest:
            return self.earliest <= moment <= self.latest
        return moment >= self.earliest or moment <= self.latest

    @property
    def flexible(self) -> bool:
        """Whether there is a window wider than the preferred time."""
        return self.earliest is None or self.earliest != self.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Take it: an agreed moment has a date and a time, always."""

    date: dt.date
    time: dt.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify:
    """Both readings would do: ask which was meant."""

    options: tuple[When, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTime:
    """A day without a time was offered: ask for the time."""

    date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Ask for something inside the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDate:
    """Ask for the owner's next date, number `index`."""

    index: int
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Nothing more to propose: thank them and report what they offered."""


Decision = Accept | Clarify | AskTime | Counter | NextDate | GiveUp


def decide(
    wanted: Wanted,
    options: Sequence[When],
    *,
    date_index: int,
    rounds: int,
    whole_day: bool = False,
) -> Decision:
    """Decide on an offer, or on a refusal (no `options`).

    Args:
        wanted: what the owner allows.
        options: what was offered, in spoken order; a missing date means the date being asked for.
        date_index: which of the owner's dates is being asked for.
        rounds: counter-proposals made so far for this date.
        whole_day: the whole day was refused, so there is no use in countering.
    """
    asked = wanted.date(date_index)
    dated = [(option.date or asked, option) for option in options]
    fitting = [(day, option) for day, option in dated if _day_fits(wanted, day)]
    timed = [(day, option, _nearest_time(wanted, option)) for day, option in fitting]
    inside = [(day, option, moment) for day, option, moment in timed if moment is not None and day is not None]
    if inside:
        doubtful = _other_readings(wanted, [option for _, option, _ in inside])
        if doubtful:
            return Clarify(options=doubtful)
        day, _, moment = min(inside, key=lambda item: _rank(wanted, item[0], item[2]))
        return Accept(date=day, time=moment)
    dateless_time = next((option for day, option in fitting if day is None and option.time is not None), None)
    if dateless_time is not None:
        return AskTime(date=None)
    timeless = next((day for day, option in fitting if option.time is None and option.date is not None), None)
    if timeless is not None:
        return AskTime(date=timeless)
    return _without_candidate(wanted, date_index=date_index, rounds=rounds, whole_day=whole_day)


def _without_candidate(wanted: Wanted, *, date_index: int, rounds: int, whole_day: bool) -> Decision:
    allowed_rounds = MAX_ROUNDS if wanted.flexible else 1
    if not whole_day and rounds < allowed_rounds:
        return Counter()
    following = wanted.date(date_index + 1)
    if following is not None:
        return NextDate(index=date_index + 1, date=following)
    return GiveUp()


def _day_fits(wanted: Wanted, day: dt.date | None) -> bool:
    return day is None or not wanted.dates or day in wanted.dates


def _nearest_time(wanted: Wanted, option: When) -> dt.time | None:
    """The allowed time nearest to the preference: of a range ("between eight and nine"), or the time itself."""
    if option.time is None:
        return None
    if option.until is None:
        return option.time if wanted.allows(option.time) else None
    grid = [moment for moment in _quarter_hours(option.time, option.until) if wanted.allows(moment)]
    if not grid:
        return None
    return min(grid, key=lambda moment: _distance(wanted, moment))


def _quarter_hours(first: dt.time, last: dt.time) -> list[dt.time]:
    start, end = minutes_of(first), minutes_of(last)
    if end < start:
        end += _DAY_MINUTES
    return [time_of(minute % _DAY_MINUTES) for minute in range(start, end + 1, 15)]


def _rank(wanted: Wanted, day: dt.date, moment: dt.time) -> tuple[int, int]:
    order = wanted.dates.index(day) if day in wanted.dates else len(wanted.dates)
    return order, _distance(wanted, moment)


def _distance(wanted: Wanted, moment: dt.time) -> int:
    """Minutes from the preference; 0 without one, so that spoken order decides."""
    if wanted.preferred is None:
        return 0
    return abs(minutes_of(moment) - minutes_of(wanted.preferred))


def _other_readings(wanted: Wanted, options: Sequence[When]) -> tuple[When, ...]:
    """Both readings of the only offer when am or pm was guessed and the owner's window allows either."""
    if len(options) != 1 or not options[0].ambiguous or options[0].time is None or wanted.earliest is None:
        return ()
    option = options[0]
    assert option.time is not None
    other = time_of((minutes_of(option.time) + _HALF_DAY_MINUTES) % _DAY_MINUTES)
    if not wanted.allows(other):
        return ()
    return (
        When(date=option.date, time=option.time),
        When(date=option.date, time=other),
    )


def minutes_of(moment: dt.time) -> int:
    """Minutes since midnight, 0..1439."""
    return moment.hour * 60 + moment.minute


def time_of(minutes: int) -> dt.time:
    """The inverse of `minutes_of`."""
    return dt.time(minutes // 60, minutes % 60)
