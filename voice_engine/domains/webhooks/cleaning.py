"""Whatever JSON arrives, as something that both databases keep."""

import math
from collections.abc import Mapping
from typing import Any

DEEPEST = 48
"""Levels of nesting; real messages have about ten."""


class Unkeepable(ValueError):
    """JSON that is nested deeper than anybody means it."""


def clean(value: Any, *, depth: int = 0) -> Any:  # any JSON in, the same JSON out
    """The value without what PostgreSQL refuses: NUL, halves of surrogate pairs, numbers that are none.

    Raises:
        Unkeepable: it is nested too deep.
    """
    if depth > DEEPEST:
        raise Unkeepable("nested too deep")
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {text(str(key)): clean(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item, depth=depth + 1) for item in value]
    return value


def text(value: str) -> str:
    """A string without the signs that no database keeps."""
    if value.isascii() and "\0" not in value:
        return value
    return "".join(sign for sign in value if sign != "\0" and not "\ud800" <= sign <= "\udfff")
