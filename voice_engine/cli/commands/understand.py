"""`voice-engine understand`: lines of JSON with phrases in, lines of JSON with their meaning out, in order."""

import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TextIO, cast, get_args

from voice_engine.cli.console import EXIT_OK
from voice_engine.core.dialogue.language import Context, understand
from voice_engine.core.dialogue.language.model import Expecting
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category, Language

LANGUAGES = get_args(Language)
EXPECTING = get_args(Expecting)
MAX_LINE_BYTES = 64 * 1024
SLOT_LISTS = ("dates", "times", "party_sizes", "phones", "codes", "names")
"""Always present in the answer; the lists beside them only when they hold something."""

Hours = tuple[dt.time, dt.time]


def run(
    lines: Iterable[str],
    *,
    language: str,
    now: str,
    category: str,
    region: str,
    hours: str | None,
    out: TextIO | None = None,
) -> int:
    """Understand every line. Raises InvalidInput naming the line and what is wrong with it."""
    base = Context(
        language=cast(Language, _choice("--language", language, LANGUAGES)),
        now=_moment(now),
        category=Category(_choice("--category", category, tuple(Category))),
        region=_region(region),
        hours=None if hours is None else _hours(hours, "--hours"),
    )
    out = out or sys.stdout
    for number, line in enumerate(lines, 1):
        if line.strip():
            out.write(_as_line(_answer(line, number, base)) + "\n")
    return EXIT_OK


def _answer(line: str, number: int, base: Context) -> dict[str, Any]:
    phrase = _phrase(line, number)
    expecting = phrase.get("expecting")
    context = Context(
        language=base.language,
        now=base.now,
        category=base.category,
        region=base.region,
        hours=base.hours if phrase.get("hours") is None else _hours(phrase["hours"], f"line {number}, hours"),
        expecting=None if expecting is None else _choice(f"line {number}, expecting", expecting, EXPECTING),  # type: ignore[arg-type]  # checked against its own words
    )
    meant = understand(phrase["text"], context)
    slots = {name: value for name, value in _plain(meant.slots).items() if value or name in SLOT_LISTS}
    return {
        "id": phrase.get("id"),
        "commands": [{"type": type(command).__name__, **_plain(command)} for command in meant.commands],
        "slots": slots,
    }


def _as_line(answer: dict[str, Any]) -> str:
    """One line of JSON in UTF-8; escaped where a phrase came with half a surrogate pair, which has no UTF-8."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if _is_utf8(text) else json.dumps(answer)


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _phrase(line: str, number: int) -> dict[str, Any]:
    if not _is_utf8(line):
        raise InvalidInput("bad_line", f"line {number}: not UTF-8")
    try:
        phrase = json.loads(line)
    except ValueError as error:
        raise InvalidInput("bad_line", f"line {number}: not JSON ({error})") from error
    if not isinstance(phrase, dict) or not isinstance(phrase.get("text"), str):
        raise InvalidInput("bad_line", f'line {number}: must be an object with a string "text"')
    return phrase


def _plain(value: Any) -> Any:
    """A command or slots as JSON: dates and times as ISO text, times to the minute, unset members left out."""
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(held) for name, held in members.items() if held is not None and held is not False}
    match value:
        case dt.time():
            return value.strftime("%H:%M")
        case dt.date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(held) for key, held in value.items()}
        case list() | tuple():
            return [_plain(held) for held in value]
        case _:
            return value


def _choice(name: str, value: object, allowed: Iterable[str]) -> str:
    words = [str(word) for word in allowed]
    if value not in words:
        raise InvalidInput("bad_option", f"{name}: {value!r} is none of {', '.join(words)}")
    return str(value)


def _moment(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("bad_option", f"--now: {text!r} is no ISO date and time") from error


def _region(text: str) -> str:
    if not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise InvalidInput("bad_option", f"--region: {text!r} is no two-letter region")
    return text.upper()


def _hours(text: object, name: str) -> Hours:
    begin, dash, end = str(text).partition("-")
    try:
        if not dash:
            raise ValueError("no dash")
        return dt.time.fromisoformat(begin.strip()), dt.time.fromisoformat(end.strip())
    except ValueError as error:
        raise InvalidInput("bad_option", f"{name}: {text!r} must look like 17:00-23:00") from error
