"""Finds the facts of a text as it is spoken or written on a call, in English and Spanish."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voice_engine.core.dialogue.llm.facts import Fact, Kind
from voice_engine.core.dialogue.llm.lexicon import LEXICONS, Lexicon
from voice_engine.ports.call import Language

_TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"|\d[\d\-]{5,}\d"
    r"|\d{1,2}:\d{2}"
    r"|\d+(?:st|nd|rd|th|º|ª)\b"
    r"|\d+(?:[.,]\d+)*"
    r"|[$€£%,]"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_DOTTED_MERIDIEM = re.compile(r"\b([ap])(?:\.\s?m\b\.?|\sm\b)", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\d:])\+?\(?\d[\d\-(). ]{7,}\d")
_PHONE_DIGITS = 9
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_ORDINAL = re.compile(r"(\d+)\D+")
_COUNT_PAIRS = {("of", "us"): "people", ("por", "ciento"): "percent"}
_MIN_RUN = 3
_MIN_RUN_WITH_COMMAS = 4


def find_facts(text: str, language: Language) -> list[Fact]:
    """The facts of `text` in order. Never raises; words that state no fact are passed over."""
    plain = _PHONE.sub(_compact, _DOTTED_MERIDIEM.sub(r" \1m ", text.lower()))
    return _Scanner(_TOKEN.findall(plain), LEXICONS[language], spanish=language == "es").scan()


def _compact(match: re.Match[str]) -> str:
    """A written phone number without its separators."""
    digits = re.sub(r"\D", "", match.group())
    return digits if len(digits) >= _PHONE_DIGITS else match.group()


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    end: int  # index of the token after it
    written: str | None = None  # its digits, when it was written so
    ordinal: bool = False

    @property
    def whole(self) -> int:
        return int(self.value)


class _Scanner:
    """One pass over the tokens; each reader returns the index after what it read, or None."""

    def __init__(self, tokens: list[str], lexicon: Lexicon, *, spanish: bool) -> None:
        self._tokens = tokens
        self._lex = lexicon
        self._spanish = spanish
        self._facts: list[Fact] = []

    def scan(self) -> list[Fact]:
        readers: tuple[Callable[[int], int | None], ...] = (
            self._iso_date, self._day_word, self._month_first, self._day_first, self._digits, self._phrase_time,
            self._clock_time, self._range, self._money, self._count, self._ordinal_day, self._bare,
        )  # fmt: skip
        at = 0
        while at < len(self._tokens):
            token = self._tokens[at]
            for reader in readers if token in self._lex.triggers or token[0].isdigit() else ():
                end = reader(at)
                if end is not None:
                    at = end
                    break
            else:
                at += 1
        return self._facts

    def _word(self, at: int) -> str:
        return self._tokens[at] if 0 <= at < len(self._tokens) else ""

    def _add(self, kind: Kind, *value: Any) -> None:
        self._facts.append(Fact(kind, value))

    # --- numbers

    def _number(self, at: int) -> _Number | None:
        """The number that starts at a token: figures, words, or words with tens and hundreds."""
        word = self._word(at)
        if match := _ORDINAL.fullmatch(word):
            return _Number(int(match.group(1)), at + 1, match.group(1), ordinal=True)
        if word[:1].isdigit() and ":" not in word and "-" not in word:
            return _written(word, at)
        return self._spoken_number(at)

    def _spoken_number(self, at: int) -> _Number | None:
        ordinal = self._lex.ordinals.get(self._word(at))
        if ordinal is not None:
            return _Number(ordinal, at + 1, ordinal=True)
        total, end = self._below_hundred(at)
        if total is None:
            return None
        while (scale := self._lex.numbers.get(self._word(end))) in {100, 1000} and scale is not None:
            rest, rest_end = self._below_hundred(end + 1 + (self._word(end + 1) == "and"))
            total, end = total * scale + (rest or 0), rest_end if rest is not None else end + 1
        follow = self._lex.ordinals.get(self._word(end))
        if follow is not None and total % 10 == 0 and total >= 20 and follow < 10:
            return _Number(total + follow, end + 1, ordinal=True)
        return _Number(total, end)

    def _below_hundred(self, at: int) -> tuple[int | None, int]:
        value = self._lex.numbers.get(self._word(at))
        if value is None:
            return None, at
        if value < 20 or value % 10:
            return value, at + 1
        step = at + 1 + (self._spanish and value < 100 and self._word(at + 1) == self._lex.joiner)
        unit = self._lex.numbers.get(self._word(step))
        if unit is not None and (0 < unit < 10 or (value >= 100 and unit < 100)):
            return value + unit, step + 1
        return value, at + 1

    # --- dates

    def _iso_date(self, at: int) -> int | None:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", self._word(at)):
            return None
        _, month, day = self._word(at).split("-")
        self._add(Kind.DAY, int(month), int(day))
        return at + 1

    def _day_word(self, at: int) -> int | None:
        word = self._word(at)
        if (weekday := self._lex.weekdays.get(word)) is not None:
            self._add(Kind.WEEKDAY, weekday)
            return at + 1
        pair = f"{word} {self._word(at + 1)}"
        if pair in self._lex.relative:
            self._add(Kind.RELATIVE, self._lex.relative[pair])
            return at + 2
        if word not in self._lex.relative or (word == "mañana" and self._word(at - 1) == "la"):
            return None
        after_tomorrow = not self._spanish and word == "tomorrow" and self._word(at - 1) == "after"
        self._add(Kind.RELATIVE, 2 if after_tomorrow else self._lex.relative[word])
        return at + 1

    def _month_first(self, at: int) -> int | None:
        """ "February 14th 2026", and a month alone."""
        month = self._lex.months.get(self._word(at))
        if month is None:
            return None
        step = at + 1 + (self._word(at + 1) == "the")
        day = None if self._spanish else self._number(step)
        if day is not None and 1 <= day.value <= 31:
            self._add(Kind.DAY, month, day.whole)
            return self._past_year(day.end)
        if self._word(at) in self._lex.shy_months:
            return None
        self._add(Kind.DAY, month, 0)
        return self._past_year(at + 1)

    def _day_first(self, at: int) -> int | None:
        """ "the 14th of February", "14 de febrero"."""
        day = self._number(at)
        if day is None or not 1 <= day.value <= 31:
            return None
        step = day.end + (self._word(day.end) in {"of", "de"})
        month = self._lex.months.get(self._word(step))
        if month is None or (step == day.end and self._word(step) in self._lex.shy_months):
            return None
        self._add(Kind.DAY, month, day.whole)
        return self._past_year(step + 1)

    def _past_year(self, at: int) -> int:
        step = at + (self._word(at) in {",", "de", "del"})
        return step + 1 if re.fullmatch(r"20\d\d", self._word(step)) else at

    def _ordinal_day(self, at: int) -> int | None:
        """ "the 14th", "el 14": a day without its month. A bare "first" orders, it does not date."""
        number = self._number(at)
        if number is None or not 1 <= number.value <= 31:
            return None
        before = self._word(at - 1)
        dated = number.ordinal and (number.written or number.value > 3 or before in self._lex.weekdays)
        if self._spanish:
            dated = dated or before in {"el", "día"} or before in self._lex.weekdays
        if not dated:
            return number.end if number.ordinal else None
        self._add(Kind.DAY, 0, number.whole)
        return number.end

    # --- codes

    def _digits(self, at: int) -> int | None:
        """A phone number, or figures said one by one."""
        word = self._word(at)
        if re.fullmatch(r"[\d\-]{7,}", word) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
            self._add(Kind.DIGITS, re.sub(r"\D", "", word))
            return at + 1
        if self._word(at - 1) in {"$", "€", "£"} or (
            self._word(at - 1) in self._lex.clock and self._word(at + 1) == "oh"
        ):
            return None
        run, step, commas, figures = "", at, 0, 0
        while (digit := self._digit(step)) is not None:
            run, figures = run + digit, figures + 1
            comma = self._word(step + 1) == "," and self._digit(step + 2) is not None
            commas += comma
            step += 1 + comma
        long_enough = figures >= (_MIN_RUN_WITH_COMMAS if commas else _MIN_RUN)
        if not (long_enough or (figures >= 1 and len(run) >= 5) or (figures == 2 and len(run) >= 6)):
            return None
        self._add(Kind.DIGITS, run)
        return step

    def _digit(self, at: int) -> str | None:
        word = self._word(at)
        if word.isdecimal():
            return word
        value = self._lex.numbers.get(word)
        return str(value) if value is not None and value < 10 and word not in {"un", "una"} else None

    # --- times

    def _phrase_time(self, at: int) -> int | None:
        """ "half past eight", "quarter to nine", "noon"."""
        word = self._word(at)
        if word in self._lex.named:
            self._add(Kind.TIME, *self._lex.named[word], True)
            return at + 1
        if self._spanish or word not in {"half", "quarter"} or self._word(at + 1) not in {"past", "to", "after"}:
            return None
        hour = self._number(at + 2)
        if hour is None or hour.value > 12:
            return None
        before = self._word(at + 1) == "to"
        minute = 30 if word == "half" else 45 if before else 15
        return self._time(hour.whole - before, minute, hour.end)

    def _clock_time(self, at: int) -> int | None:
        """ "8:30", "eight thirty", "8 pm", "eight o'clock", "a las ocho y media", "at eight"."""
        if match := _CLOCK.fullmatch(self._word(at)):
            return self._time(int(match.group(1)), int(match.group(2)), at + 1)
        hour = self._number(at)
        if hour is None or hour.ordinal or hour.value > 24:
            return None
        if hour.value != hour.whole:
            return self._decimal_time(hour, at)
        introduced = self._word(at - 1) in self._lex.clock
        if introduced and self._spanish and self._word(hour.end) in {"hora", "horas"}:
            return self._time(hour.whole, 0, hour.end + 1)
        minute, end = self._minutes(hour, introduced=introduced)
        if self._meridiem(end)[0] or self._word(end) in {"o'clock", "o’clock"} or minute is not None:
            return self._time(hour.whole, minute or 0, end + (self._word(end) in {"o'clock", "o’clock"}))
        if introduced and not self._counted(end) and (self._spanish or hour.value <= 12):
            return self._time(hour.whole, 0, end)
        return None

    def _decimal_time(self, hour: _Number, at: int) -> int | None:
        """ "8.30 pm", "a las 20.30": with a point it is a time only when the words around say so."""
        hours, _, minutes = (hour.written or "").partition(".")
        said_so = self._meridiem(hour.end)[0] or self._word(at - 1) in self._lex.clock
        if len(minutes) != 2 or not said_so or self._word(hour.end) in self._lex.money:
            return None
        return self._time(int(hours), int(minutes), hour.end)

    def _minutes(self, hour: _Number, *, introduced: bool) -> tuple[int | None, int]:
        step = hour.end
        if self._spanish:
            return self._spanish_minutes(step) if introduced else (None, step)
        if hour.written is not None or not 1 <= hour.value <= 12:
            return None, step
        leading = self._word(step) in {"oh", "o"}
        minute = self._number(step + leading)
        if minute is None or minute.ordinal or minute.written is not None or self._counted(minute.end):
            return None, step
        fits = 1 <= minute.value <= 9 if leading else 10 <= minute.value <= 59
        return (minute.whole, minute.end) if fits else (None, step)

    def _spanish_minutes(self, step: int) -> tuple[int | None, int]:
        word, following = self._word(step), self._word(step + 1)
        if word == "y" and following in {"media", "cuarto"}:
            return (30 if following == "media" else 15), step + 2
        if word == "menos" and following == "cuarto":
            return -15, step + 2
        minute = self._number(step + 1) if word == "y" else self._number(step)
        if minute is None or minute.value > 59 or self._counted(minute.end) or self._word(minute.end) in {"y"}:
            return None, step
        return (minute.whole, minute.end) if minute.value >= 5 else (None, step)

    def _time(self, hour: int, minute: int, end: int) -> int | None:
        if minute < 0:
            hour, minute = hour - 1, 60 + minute
        if not (0 <= hour <= 24 and 0 <= minute <= 59):
            return None
        half, end = self._meridiem(end)
        exact = half is not None or hour > 12 or hour == 0
        if half is not None and hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        self._add(Kind.TIME, hour % 24 if exact else hour % 12, minute, exact)
        return end

    def _meridiem(self, at: int) -> tuple[str | None, int]:
        for words, half in self._lex.meridiems.items():
            if tuple(self._tokens[at : at + len(words)]) == words:
                # "tonight" also says which day: it is left for the reader of days.
                return half, at + (0 if words == ("tonight",) else len(words))
        return None, at

    def _range(self, at: int) -> int | None:
        """ "between seven and nine", "from 7 to 9"."""
        if self._word(at) not in {"between", "from", "entre"}:
            return None
        first = self._number(at + 1 + (self._word(at + 1) in {"las", "la"}))
        if first is None or first.value > 24 or self._word(first.end) not in {"and", "to", "y"}:
            return None
        step = first.end + 1
        second = self._number(step + (self._word(step) in {"las", "la"}))
        if second is None or second.value > 24 or self._counted(second.end) or second.ordinal:
            return None
        if self._word(second.end) in self._lex.money or first.value != first.whole:
            return None
        half, _ = self._meridiem(second.end)
        later = half == "pm" and first.value <= 12
        self._time(first.whole + (12 if later and first.value < 12 else 0), 0, first.end)
        return self._time(second.whole, 0, second.end)

    # --- amounts

    def _counted(self, at: int) -> bool:
        return self._word(at) in self._lex.nouns or self._word(at) in self._lex.money

    def _money(self, at: int) -> int | None:
        sign = self._word(at) in {"$", "€", "£"}
        amount = self._number(at + sign)
        if amount is None or amount.ordinal:
            return None
        if not sign and self._word(amount.end) not in self._lex.money and self._word(amount.end) not in "$€£":
            return None
        if not sign and not self._word(amount.end):
            return None
        self._add(Kind.MONEY, amount.value)
        return amount.end + (not sign)

    def _count(self, at: int) -> int | None:
        number = self._number(at)
        if number is None or number.ordinal:
            return None
        following = (self._word(number.end), self._word(number.end + 1))
        noun = self._lex.nouns.get(following[0]) or _COUNT_PAIRS.get(following)
        if noun is not None:
            if self._word(at) in self._lex.idle and noun not in {"people", "night", "room"}:
                return number.end  # "one minute", "un minuto": an idiom
            self._add(Kind.COUNT, noun, number.whole)
            return number.end + 1
        if (self._word(at - 2), self._word(at - 1)) in self._lex.party or self._word(at - 1) == "somos":
            self._add(Kind.COUNT, "people", number.whole)
            return number.end
        return None

    def _bare(self, at: int) -> int | None:
        number = self._number(at)
        if number is None:
            return None
        if self._word(at) not in self._lex.idle or number.end > at + 1:
            self._add(Kind.NUMBER, number.value)
        return number.end


def _written(word: str, at: int) -> _Number | None:
    """A number in figures; thousands separators are dropped, "8.30" stays a decimal."""
    plain = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", word).replace(",", ".")
    try:
        return _Number(float(plain), at + 1, plain)
    except ValueError:
        return None
