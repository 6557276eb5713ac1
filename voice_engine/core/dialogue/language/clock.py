"""Times of day: half of the clock, parts of the day, lists and ranges. The words are each language's own."""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.language.model import Context, Mention
from voice_engine.ports.call import Category

DayPart = tuple[int, int]  # hours [from, to); beyond 24 is after midnight

# Usual hours by category, minutes since midnight, inclusive: which half of the clock is meant when nothing says so.
# US restaurants take tables from 11 to 22; Spanish-speaking ones until midnight. A clinic's working day is 8 to 18.
_USUAL: dict[Category, tuple[int, int]] = {
    Category.RESTAURANT: (11 * 60, 22 * 60),
    Category.CLINIC: (8 * 60, 18 * 60 + 59),
    Category.HOTEL: (11 * 60, 22 * 60 + 59),
    Category.GENERAL: (8 * 60, 19 * 60 + 59),
    Category.RECEPTIONIST: (8 * 60, 19 * 60 + 59),
}
_DINES = frozenset({Category.RESTAURANT, Category.HOTEL})  # "we close at twelve" is midnight there
_USUAL_ES_RESTAURANT = (12 * 60, 23 * 60 + 59)


@dataclass(slots=True)
class RawTime:
    """A time as said, before its half of the clock is settled.

    `start`, `end`: span in the canonical text. `part`: the part of the day said with it.
    `exact`: nothing to settle. `padded`: written "06:40", as on a clock of 24 hours.
    """

    hour: int
    minute: int
    start: int
    end: int
    part: DayPart | None = None
    exact: bool = False
    approximate: bool = False
    padded: bool = False


Reader = Callable[["re.Match[str]"], tuple[int, int] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGrammar:
    """How one language says times.

    Attributes:
        patterns: In order of precedence; the reader gives (hour, minute) or None. Group `v` is the value's span;
            groups whose name begins with `part` hold a word of `parts` or "am"/"pm".
        parts: Pattern of a part of the day that stands anywhere in the utterance.
        part_of: The hours of a matched part.
        range_link: Between the two ends of a range; `list_link`: those that make one only after `between`.
        bare: An hour without cue, for an open question about time.
        around: Before an approximate time. `closing`: before the end of a stretch of
            time; `closes`: before the end of opening hours.
        greeting: Words with parts of the day that say nothing about time.
        not_after: Ends just before a number that is no time ("room ").
        ahead: A stretch of time from now on at which something is offered or asked for ("come in half an hour");
            `ahead_minutes`: how long it is. `ahead_units`: stems of words without which there is none.
    """

    patterns: Sequence[tuple[re.Pattern[str], Reader]]
    parts: re.Pattern[str]
    part_of: Callable[[str], DayPart]
    range_link: re.Pattern[str]
    list_link: re.Pattern[str]
    between: re.Pattern[str]
    chain_after: re.Pattern[str]
    chain_before: re.Pattern[str]
    bare: re.Pattern[str]
    around: re.Pattern[str]
    closing: re.Pattern[str]
    closes: re.Pattern[str]
    greeting: re.Pattern[str]
    not_after: re.Pattern[str]
    ahead: re.Pattern[str]
    ahead_minutes: Callable[["re.Match[str]"], int]
    ahead_units: tuple[str, ...]


AM: DayPart = (0, 12)
PM: DayPart = (12, 24)


def find_times(work: str, grammar: TimeGrammar, context: Context, *, said: str = "") -> tuple[list[Mention], str]:
    """All times in `work`, and `work` with them masked by `#`. `said` is `work` before anything was masked."""
    raws: list[RawTime] = []
    if any(unit in work for unit in grammar.ahead_units):
        work = _from_now(work, grammar, context.now, raws)
    if any(c.isdigit() for c in work) or grammar.patterns[0][0].search(work):
        for pattern, reader in grammar.patterns:
            work = _collect(work, pattern, reader, grammar, raws)
        work = _runs(work, raws)
        if raws:
            work = _chain(work, grammar, raws)
        if context.expecting == "time" or (context.asked == "time" and context.expecting in (None, "confirm")):
            work = _collect(work, grammar.bare, read_hour, grammar, raws)
    raws.sort(key=lambda raw: raw.start)
    return _settle(raws, work, said or work, grammar=grammar, context=context), work


def _from_now(work: str, grammar: TimeGrammar, now: dt.datetime, raws: list[RawTime]) -> str:
    for match in grammar.ahead.finditer(work):
        start, end = match.span("v")
        moment = now + dt.timedelta(minutes=grammar.ahead_minutes(match))
        raws.append(RawTime(moment.hour, moment.minute, start, end, exact=True))
        work = work[:start] + "#" * (end - start) + work[end:]
    return work


def read_hour(match: re.Match[str]) -> tuple[int, int] | None:
    """Groups `h` and, where the pattern has it, `m`."""
    hour = int(match["h"])
    minute = match.groupdict().get("m")
    return (hour, int(minute.replace(" ", ""))) if minute else (hour, 0)


def _collect(work: str, pattern: re.Pattern[str], reader: Reader, grammar: TimeGrammar, raws: list[RawTime]) -> str:
    position = 0
    while (match := pattern.search(work, position)) is not None:
        position = max(match.end(), match.start() + 1)
        value = reader(match)
        if value is None or not (0 <= value[0] <= 24 and 0 <= value[1] < 60):
            position = max(match.start("v"), match.start()) + 1
            continue
        start, end = match.span("v")
        if grammar.not_after.search(work, max(0, start - 24), start):
            continue
        part = next((text for name, text in match.groupdict().items() if name.startswith("part") and text), None)
        raw = RawTime(value[0], value[1], start, end)
        if part is not None:
            raw.part = AM if part == "am" else PM if part == "pm" else grammar.part_of(part)
        raw.padded = work[start] == "0" and value[0] > 0
        raw.exact = value[0] > 12 or value[0] == 0 or "exact" in match.groupdict()
        raw.approximate = grammar.around.search(work, max(0, start - 24), start) is not None
        raws.append(raw)
        work = work[:start] + "#" * (end - start) + work[end:]
        position = end
    return work


_RUN = re.compile(r"(?<![\d$/:])(?<!\d )\b\d{1,2}(?: \d{1,2}){2,7}\b(?! ?[\d/:%])")


def _runs(work: str, raws: list[RawTime]) -> str:
    """Times read out in a row without a word between them: "nine nine twenty ten"."""
    for match in _RUN.finditer(work):
        figures = list(re.finditer(r"\d+", match.group()))
        times = _pairs(figures, match.start())
        if times:
            figures = []
        for figure in figures:
            value = int(figure.group())
            start, end = match.start() + figure.start(), match.start() + figure.end()
            if value >= 13 and value % 5 == 0 and value < 60 and times and times[-1].minute == 0:
                times[-1].minute, times[-1].end = value, end
            elif 1 <= value <= 12:
                times.append(RawTime(value, 0, start, end))
            else:
                times = []
                break
        if times and any(time.minute for time in times) and len(times) > 1:
            raws += times
            work = work[: match.start()] + "#" * len(match.group()) + work[match.end() :]
    return work


def _pairs(figures: Sequence[re.Match[str]], at: int) -> list[RawTime]:
    """ "Eight ten eight fifty": every second figure is minutes; empty when one cannot be."""
    hours, minutes = figures[::2], figures[1::2]
    whole = len(hours) == len(minutes) and all(1 <= int(hour.group()) <= 12 for hour in hours)
    if not whole or any(int(m.group()) not in range(10, 60, 5) for m in minutes):
        return []
    return [
        RawTime(int(hour.group()), int(minute.group()), at + hour.start(), at + minute.end())
        for hour, minute in zip(hours, minutes, strict=True)
    ]


def _chain(work: str, grammar: TimeGrammar, raws: list[RawTime]) -> str:
    """Bare hours beside a time: "seven or eight thirty", "between five and six pm"."""
    count = 0
    while count != len(raws):
        count = len(raws)
        for pattern in (grammar.chain_after, grammar.chain_before):
            work = _collect(work, pattern, read_hour, grammar, raws)
    return work


def _settle(raws: list[RawTime], work: str, said: str, *, grammar: TimeGrammar, context: Context) -> list[Mention]:
    """Choose each time's half of the clock."""
    masked = grammar.greeting.sub(lambda m: "_" * len(m.group()), said)
    parts = [(m.start(), grammar.part_of(m.group())) for m in grammar.parts.finditer(masked)]
    taken = [(raw.start, raw.end) for raw in raws if raw.part is not None]
    for raw in raws:
        if raw.part is None and not raw.exact and parts:
            if grammar.closes.search(work, max(0, raw.start - 24), raw.start):
                parts = [p for p in parts if not any(start <= p[0] < end for start, end in taken)]
            if not parts:
                continue
            raw.part = min(parts, key=lambda item: abs(item[0] - raw.start))[1]
    anchors: list[tuple[int, int]] = []
    for index, raw in enumerate(raws):
        if raw.exact or raw.part is not None:
            anchors.append((index, _minutes(raw)))
    mentions: list[Mention] = []
    for index, raw in enumerate(raws):
        minutes, doubtful = _choose(index, raws, anchors, work=work, grammar=grammar, context=context)
        value = dt.time(minutes // 60 % 24, minutes % 60)
        mentions.append(Mention("time", value, raw.start, raw.end, approximate=raw.approximate, ambiguous=doubtful))
    _mark_ranges(mentions, raws, work, grammar)
    return mentions


def _minutes(raw: RawTime) -> int:
    if raw.exact or raw.part is None:
        return (raw.hour % 24) * 60 + raw.minute
    low, high = raw.part
    hour = raw.hour % 12
    for candidate in (hour, hour + 12, hour + 24):
        if low <= candidate < high:
            return candidate % 24 * 60 + raw.minute
    later = hour + 12 if low >= 12 else hour
    return later * 60 + raw.minute


def _choose(
    index: int,
    raws: list[RawTime],
    anchors: list[tuple[int, int]],
    *,
    work: str,
    grammar: TimeGrammar,
    context: Context,
) -> tuple[int, bool]:
    """Minutes since midnight of `raws[index]`, and whether its half of the clock is a guess."""
    raw = raws[index]
    if raw.exact or raw.part is not None:
        return _minutes(raw), False
    early = raw.hour % 12 * 60 + raw.minute
    late = early + 720
    if raw.padded and context.hours is None and context.category is not Category.RESTAURANT:
        return early, False
    if anchors:
        nearest, anchor = min(anchors, key=lambda item: abs(item[0] - index))
        closing = grammar.closing.search(work, max(0, raw.start - 14), raw.start)
        linked = nearest > index and grammar.range_link.fullmatch(work[raw.end : raws[nearest].start])
        if linked or closing:
            fits = [m for m in (early, late) if (m < anchor if linked else m > anchor)]
            past_midnight = closing and not linked
            return (min(fits, key=lambda m: abs(m - anchor)) if fits else early if past_midnight else late), False
        return min((early, late), key=lambda m: abs(m - anchor)), False
    if (
        raw.hour == 12
        and context.category in _DINES
        and grammar.closes.search(work, max(0, raw.start - 24), raw.start)
    ):
        return early, False
    if early < 720 and raw.hour < 12 and grammar.closes.search(work, max(0, raw.start - 24), raw.start):
        return (late, False) if context.hours is None else by_hours(early, late, context)
    return by_hours(early, late, context)


def by_hours(early: int, late: int, context: Context) -> tuple[int, bool]:
    """Which of two moments twelve hours apart fits the business, and whether that is a guess."""
    usual = _USUAL[context.category]
    if context.language == "es" and context.category is Category.RESTAURANT:
        usual = _USUAL_ES_RESTAURANT
    if context.hours is not None:
        opens, closes = (t.hour * 60 + t.minute for t in context.hours)
        closes += 1440 if closes <= opens else 0
        inside = [m for m in (early, late) if opens <= m <= closes or opens <= m + 1440 <= closes]
        if len(inside) == 1:
            return inside[0], False
        if not inside:
            return min((early, late), key=lambda m: _distance(m, opens, closes)), True
    inside = [m for m in (early, late) if usual[0] <= m <= usual[1]]
    if len(inside) == 1:
        return inside[0], False
    return min((early, late), key=lambda m: _distance(m, *usual)), True


def _distance(minutes: int, low: int, high: int) -> int:
    return min(max(low - m, m - high, 0) for m in (minutes, minutes + 1440))


def _mark_ranges(mentions: list[Mention], raws: list[RawTime], work: str, grammar: TimeGrammar) -> None:
    """Join the ends of ranges; a start that was a guess lies before its end ("open ten to eight")."""
    for (first, raw), (second, _) in itertools.pairwise(zip(mentions, raws, strict=True)):
        gap = work[first.end : second.start]
        if not grammar.range_link.fullmatch(gap):
            continue
        if grammar.list_link.fullmatch(gap) and not grammar.between.search(work, 0, first.start):
            continue
        first.until = second.value
        if first.value > second.value and not raw.exact and raw.part is None and first.value.hour >= 12:
            first.value = first.value.replace(hour=first.value.hour - 12)
