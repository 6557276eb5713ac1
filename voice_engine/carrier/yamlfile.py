"""YAML read strictly: every error names the file, the line and the key. Values are read from the text as written,

so that `20:30`, `no` and `2026-02-14` mean what a person means, whatever YAML 1.1 makes of them.
"""

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from voice_engine.errors import InvalidInput

Choice = TypeVar("Choice", bound=str)

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_INTEGER = re.compile(r"[-+]?\d+")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

MAX_BYTES = 4 << 20
"""No call file is larger."""


def load(path: Path) -> "Field":
    """Read a file whose top level is a mapping. Raises InvalidInput (`unreadable_file`, `bad_yaml`)."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput("bad_yaml", f"{path}: larger than {MAX_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput("unreadable_file", f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("bad_yaml", f"{path}: not UTF-8 (byte {error.start})") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> "Field":
    """Read a document; `name` stands in errors. Raises InvalidInput (`bad_yaml`)."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}" if mark is not None else ""
        raise InvalidInput("bad_yaml", f"{name}{where}: not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise InvalidInput("bad_yaml", f"{name}: not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise InvalidInput("bad_yaml", f"{name}: nested too deeply") from error
    if not isinstance(node, yaml.MappingNode):
        raise InvalidInput("bad_yaml", f"{name}:1: must be a mapping of keys to values")
    return Field(node, name, "")


class Field:
    """One value of a file, with its place. Every reader raises InvalidInput (`bad_value`) when it does not fit."""

    def __init__(self, node: yaml.Node, file: str, key: str) -> None:
        self._node = node
        self._file = file
        self._line = node.start_mark.line + 1 if node.start_mark is not None else 1
        self.key = key

    def error(self, what: str, code: str = "bad_value") -> InvalidInput:
        """An error at this place."""
        where = f"{self._file}:{self._line}"
        return InvalidInput(code, f"{where}: {self.key}: {what}" if self.key else f"{where}: {what}")

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here, or `null`."""
        node = self._node
        return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULLS

    def mapping(self, known: Iterable[str] | None = None) -> dict[str, "Field"]:
        """Values by key; keys outside `known` and repeated keys are errors. Null is an empty mapping."""
        if self.is_null:
            return {}
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("must be a mapping")
        allowed = None if known is None else frozenset(known)
        fields: dict[str, Field] = {}
        for key_node, value_node in self._node.value:
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            place = Field(key_node, self._file, f"{self.key}.{name}" if self.key else name)
            if not name:
                raise place.error("a key must be a word")
            if allowed is not None and name not in allowed:
                raise place.error(f"unknown key (known: {', '.join(sorted(allowed))})", "unknown_key")
            if name in fields:
                raise place.error("is given twice", "repeated_key")
            fields[name] = Field(value_node, self._file, place.key)
        return fields

    def items(self) -> list["Field"]:
        """A list's items; one scalar is a list of itself, null an empty one."""
        if self.is_null:
            return []
        if isinstance(self._node, yaml.ScalarNode):
            return [self]
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error("must be a list")
        return [Field(node, self._file, f"{self.key}[{index}]") for index, node in enumerate(self._node.value)]

    def text(self) -> str:
        """Any scalar as it is written."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error("must be a text")
        return str(self._node.value)

    def words(self) -> str:
        """A text that is not empty."""
        text = self.text().strip()
        if not text:
            raise self.error("must not be empty")
        return text

    def integer(self, minimum: int, maximum: int) -> int:
        """A whole number in [minimum, maximum]."""
        text = self.text()
        if not _INTEGER.fullmatch(text) or not minimum <= int(text) <= maximum:
            raise self.error(f"must be a whole number from {minimum} to {maximum}, not {text!r}")
        return int(text)

    def number(self, minimum: float, maximum: float) -> float:
        """A number in [minimum, maximum]."""
        text = self.text()
        if not _NUMBER.fullmatch(text) or not minimum <= float(text) <= maximum:
            raise self.error(f"must be a number from {minimum:g} to {maximum:g}, not {text!r}")
        return float(text)

    def boolean(self) -> bool:
        """`true` or `false`."""
        text = self.text().lower()
        if text not in _TRUE | _FALSE:
            raise self.error(f"must be true or false, not {text!r}")
        return text in _TRUE

    def choice(self, choices: Iterable[Choice]) -> Choice:
        """One of some words."""
        words = list(choices)
        text = self.text()
        for word in words:
            if word == text:
                return word
        raise self.error(f"must be one of {', '.join(words)}, not {text!r}")

    def date(self) -> dt.date:
        """A date, YYYY-MM-DD."""
        try:
            return dt.date.fromisoformat(self.text())
        except ValueError:
            raise self.error(f"must be a date YYYY-MM-DD, not {self.text()!r}") from None

    def time(self) -> dt.time:
        """A time of day, HH:MM."""
        try:
            return dt.time.fromisoformat(self.text())
        except ValueError:
            raise self.error(f"must be a time HH:MM, not {self.text()!r}") from None

    def moment(self) -> dt.datetime:
        """An ISO time with its offset from UTC."""
        try:
            moment = dt.datetime.fromisoformat(self.text())
        except ValueError:
            raise self.error(
                f"must be an ISO time such as 2026-02-13T10:00:00-05:00, not {self.text()!r}"
            ) from None
        if moment.tzinfo is None:
            raise self.error("needs an offset from UTC, as in 2026-02-13T10:00:00-05:00")
        return moment

    def pattern(self) -> re.Pattern[str]:
        """A regular expression, searched without regard to case."""
        try:
            return re.compile(self.text(), re.IGNORECASE)
        except re.error as error:
            raise self.error(f"not a regular expression: {error}") from None

    def plain(self) -> Any:
        """A JSON-like value: quoted scalars are texts; others are numbers, booleans or null where they look so."""
        if isinstance(self._node, yaml.SequenceNode):
            return [item.plain() for item in self.items()]
        if isinstance(self._node, yaml.MappingNode):
            return {key: field.plain() for key, field in self.mapping().items()}
        text = self.text()
        if self.is_null:
            return None
        if isinstance(self._node, yaml.ScalarNode) and self._node.style is not None:
            return text
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(text)
        return {"true": True, "false": False}.get(text.lower(), text)
