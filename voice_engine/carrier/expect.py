"""Does a finished call hold what its file expects? Pure; each failure is one named line."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.carrier.respondent import Response
from voice_engine.carrier.script import ABSENT, Expectations


def evaluate(
    expect: Expectations,
    result: Mapping[str, Any],
    *,
    respondent_heard: Sequence[str] = (),
    responses: Sequence[Response] = (),
) -> list[str]:
    """Compare a result (the dict of `result.json`) with what was expected; empty when all of it holds.

    `respondent_heard` is what the other party recognised of the engine's speech; `responses` how fast it answered.
    """
    failures = [problem for response in responses if (problem := response.problem())]
    failures += _outcome(expect, result)
    failures += _agreed(expect, result)
    failures += _texts(expect, result, respondent_heard)
    failures += _speed(expect, responses)
    return failures


def _outcome(expect: Expectations, result: Mapping[str, Any]) -> list[str]:
    failures = []
    if expect.status is not None and result.get("status") != expect.status:
        failures.append(f"status: expected {expect.status}, got {result.get('status')}")
    if expect.task_outcome is not ABSENT and result.get("task_outcome") != expect.task_outcome:
        failures.append(f"task_outcome: expected {expect.task_outcome}, got {result.get('task_outcome')}")
    if expect.confirmation is not ABSENT and _code(result.get("confirmation")) != _code(expect.confirmation):
        failures.append(f"confirmation: expected {expect.confirmation}, got {result.get('confirmation')}")
    for key, value in expect.exact.items():
        if not _includes(result.get(key), value):
            failures.append(f"{key}: expected {value}, got {result.get(key)}")
    return failures


def _agreed(expect: Expectations, result: Mapping[str, Any]) -> list[str]:
    if expect.agreed is ABSENT:
        return []
    agreed = result.get("agreed")
    if expect.agreed is None:
        return [] if agreed is None else [f"agreed: expected nothing, got {dict(agreed)}"]
    if agreed is None:
        return [f"agreed: expected {expect.agreed}, got nothing"]
    return [
        f"agreed.{key}: expected {value}, got {agreed.get(key)}"
        for key, value in expect.agreed.items()
        if not _equal(agreed.get(key), value)
    ]


def _texts(expect: Expectations, result: Mapping[str, Any], respondent_heard: Sequence[str]) -> list[str]:
    spoken = [_spoken(turn) for turn in result.get("turns", ()) if turn["speaker"] == "AI"]
    summary = "\n".join(
        [*result.get("highlights", ()), *result.get("next_steps", ()), result.get("confirmation") or ""]
    )
    speech = "\n".join(spoken)
    heard = "\n".join(respondent_heard)
    failures = [f"highlights: {p.pattern!r} is not in them" for p in expect.highlights if not p.search(summary)]
    failures += [
        f"said: the engine never said {p.pattern!r}"
        for p in expect.said
        if not p.search(speech) and not p.search(heard)
    ]
    failures += [
        f"not_said: the engine said {found.group(0)!r}" for p in expect.not_said if (found := p.search(speech))
    ]
    return failures


def _spoken(turn: Mapping[str, Any]) -> str:
    heard = turn.get("heard_text")
    return str(turn["text"] if heard is None else heard)


def _speed(expect: Expectations, responses: Sequence[Response]) -> list[str]:
    limit_ms = expect.max_response_ms
    if limit_ms is None:
        return []
    return [
        f"max_response_ms: after {response.step_id} the engine took {response.after_ms} ms, not at most {limit_ms}"
        for response in responses
        if response.after_ms is not None and response.after_ms > limit_ms
    ]


def _includes(got: Any, wanted: Any) -> bool:
    """Equal; of a mapping only the keys that are named."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return all(_equal(got.get(key), value) for key, value in wanted.items())
    return _equal(got, wanted)


def _equal(got: Any, wanted: Any) -> bool:
    """Equal as values of a call: dates and times by meaning, texts without regard to case and outer space."""
    if got is None or wanted is None or isinstance(got, bool) or isinstance(wanted, bool):
        return bool(got is wanted or got == wanted)
    return _canonical(got) == _canonical(wanted)


def _canonical(value: Any) -> str:
    text = " ".join(str(value).split()).casefold()
    if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
        hours, minutes = text.split(":")[:2]
        return dt.time(int(hours) % 24, int(minutes) % 60).isoformat("minutes")
    return text


def _code(value: Any) -> str | None:
    """A confirmation code as it is compared: without spaces, dashes and case."""
    return None if value is None else re.sub(r"[\s\-#.]", "", str(value)).casefold()
