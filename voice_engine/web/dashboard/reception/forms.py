"""Forms of these pages: read by the schemas of the business API, and held against what others saved meanwhile."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

Schema = TypeVar("Schema", bound=BaseModel)

FAULTS: Mapping[str, str] = {
    "string_too_long": "fault_too_long",
    "string_too_short": "fault_too_short",
    "string_pattern_mismatch": "fault_pattern",
    "missing": "fault_missing",
}
"""What pydantic calls a fault, and the word that tells it to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form that is shown again. `values` are as they were typed, `faults` words by field.

    `other` are the values that somebody else saved since the form was opened; None: nobody did.
    """

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, str] | None = None


def parse(schema: type[Schema], values: Mapping[str, Any]) -> tuple[Schema | None, dict[str, str]]:
    """The values as the API would take them (None: it would not), and what is wrong with which field."""
    try:
        return schema.model_validate(values), {}
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, {".".join(map(str, each["loc"])): FAULTS.get(each["type"], "fault_invalid") for each in found}


def seal(*values: object) -> str:
    """A word for what stands now: a form carries it, so that a save over something newer is noticed."""
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:16]
