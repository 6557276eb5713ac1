"""Scripted-respondent files: read strictly into a script, a line, a `CallSpec` and expectations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from voice_engine.carrier import yamlfile
from voice_engine.carrier.callfile import CALL_KEYS, CallFile, read_call
from voice_engine.carrier.script import Echo, Expectations, LineSettings, RespondentScript, Step
from voice_engine.carrier.yamlfile import Field
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallSpec, Disposition, Status, TaskOutcome

_STEP_KEYS = frozenset(
    {
        "id", "when", "expect_dtmf", "wait_ms", "silence_ms", "music_ms", "beep", "dtmf", "say", "else", "hang_up",
        "within_ms", "barge_in_after_ms", "backchannel",
    }
)  # fmt: skip

_EXPECT_KEYS = frozenset(
    {
        "status", "task_outcome", "agreed", "confirmation", "highlights", "said", "not_said", "max_response_ms",
        "disposition", "transferred_to", "do_not_call", "message", "recording_declined",
    }
)  # fmt: skip

_EXACT_KEYS = ("transferred_to", "do_not_call", "message", "recording_declined")

MAX_MS = 15 * 60 * 1000
"""No pause or wait inside a call lasts longer than a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scripted respondent, ready to be called (or to call in)."""

    name: str
    path: Path
    call: CallFile
    script: RespondentScript
    line: LineSettings
    expect: Expectations

    @property
    def spec(self) -> CallSpec:
        """What the engine is told."""
        return self.call.spec


def load_scenario(path: Path) -> Scenario:
    """Read one file. Raises InvalidInput naming file, line, key and what is wrong."""
    return read_scenario(yamlfile.load(path), path)


def find_scenarios(paths: list[Path]) -> list[Path]:
    """The files of `paths`: files as they are, folders with every .yaml and .yml below them, sorted.

    Raises InvalidInput (`no_such_file`, `nothing_found`).
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for kind in ("*.yaml", "*.yml") for file in path.rglob(kind))
            if not inside:
                raise InvalidInput("nothing_found", f"{path}: no .yaml file in this folder")
            found.extend(inside)
        elif path.exists():
            found.append(path)
        else:
            raise InvalidInput("no_such_file", f"{path}: no such file or folder")
    return found


def read_scenario(root: Field, path: Path) -> Scenario:
    """Read a parsed file; relative paths in it are relative to `path`'s folder. Raises InvalidInput."""
    fields = root.mapping(CALL_KEYS | {"name", "line", "respondent"})
    name = fields["name"].words() if "name" in fields else path.stem
    call = read_call(root, fields, call_id=name)
    line = _line(fields["line"]) if "line" in fields else LineSettings()
    if "respondent" not in fields and line.answer == "answer":
        raise root.error("respondent is missing", "missing_key")
    script = (
        _respondent(fields["respondent"], path, name=name, language=call.spec.language)
        if "respondent" in fields
        else RespondentScript(name=name, language=call.spec.language, steps=())
    )
    return Scenario(
        name=name, path=path, call=call, script=script, line=line, expect=read_expectations(fields.get("expect"))
    )


def _line(field: Field) -> LineSettings:
    keys = {"answer", "answer_after_ms", "noise_db", "gain_db", "packet_loss", "echo"}
    f = {key: value for key, value in field.mapping(keys).items() if not value.is_null}
    answers: tuple[Literal["answer", "busy", "no_answer", "failed"], ...] = (
        "answer",
        "busy",
        "no_answer",
        "failed",
    )
    return LineSettings(
        answer=f["answer"].choice(answers) if "answer" in f else "answer",
        answer_after_ms=_ms(f, "answer_after_ms") or 0,
        noise_db=f["noise_db"].number(-20, 80) if "noise_db" in f else None,
        gain_db=f["gain_db"].number(-40, 20) if "gain_db" in f else 0.0,
        packet_loss=f["packet_loss"].number(0, 0.9) if "packet_loss" in f else 0.0,
        echo=_echo(f["echo"]) if "echo" in f else None,
    )


def _echo(field: Field) -> Echo:
    f = field.mapping({"db", "delay_ms"})
    if set(f) != {"db", "delay_ms"}:
        raise field.error("needs db and delay_ms", "missing_key")
    return Echo(db=f["db"].number(-60, 0), delay_ms=f["delay_ms"].integer(20, 1000))


def _respondent(field: Field, path: Path, *, name: str, language: str) -> RespondentScript:
    f = field.mapping({"voice", "wav_dir", "steps"})
    wav_dir = None
    if "wav_dir" in f and not f["wav_dir"].is_null:
        wav_dir = path.parent / f["wav_dir"].words()
        if not wav_dir.is_dir():
            raise f["wav_dir"].error(f"no such folder: {wav_dir}")
    steps: list[Step] = []
    for index, item in enumerate(f["steps"].items() if "steps" in f else []):
        step = _step(item, f"step{index + 1}")
        if any(step.id == other.id for other in steps):
            raise item.error(f"id {step.id!r} is used twice", "repeated_key")
        steps.append(step)
    voice = f["voice"].words() if "voice" in f and not f["voice"].is_null else None
    return RespondentScript(name=name, language=language, steps=tuple(steps), voice=voice, wav_dir=wav_dir)


def _step(field: Field, default_id: str) -> Step:
    f = {key: value for key, value in field.mapping(_STEP_KEYS).items() if not value.is_null}
    if not f:
        raise field.error("an empty step")
    if "when" in f and "expect_dtmf" in f:
        raise f["expect_dtmf"].error("takes the place of when: a step has one of them")
    if "else" in f and not ("when" in f or "expect_dtmf" in f):
        raise f["else"].error("needs a when or an expect_dtmf")
    return Step(
        id=f["id"].words() if "id" in f else default_id,
        when=f["when"].pattern() if "when" in f else None,
        expect_dtmf=_keys(f["expect_dtmf"]) if "expect_dtmf" in f else None,
        wait_ms=_ms(f, "wait_ms") or 0,
        silence_ms=_ms(f, "silence_ms") or 0,
        music_ms=_ms(f, "music_ms") or 0,
        beep=f["beep"].boolean() if "beep" in f else False,
        dtmf=_keys(f["dtmf"]) if "dtmf" in f else None,
        say=f["say"].words() if "say" in f else None,
        otherwise=f["else"].words() if "else" in f else None,
        hang_up=f["hang_up"].boolean() if "hang_up" in f else False,
        within_ms=_ms(f, "within_ms"),
        barge_in_after_ms=_ms(f, "barge_in_after_ms"),
        backchannel=f["backchannel"].words() if "backchannel" in f else None,
    )


def read_expectations(field: Field | None) -> Expectations:
    """Read an `expect` mapping; None: nothing is expected. Raises InvalidInput."""
    if field is None:
        return Expectations()
    f = field.mapping(_EXPECT_KEYS)
    stated: dict[str, Any] = {}
    if "status" in f:
        stated["status"] = f["status"].choice([status.value for status in Status])
    if "task_outcome" in f:
        words = [outcome.value for outcome in TaskOutcome]
        stated["task_outcome"] = None if f["task_outcome"].is_null else f["task_outcome"].choice(words)
    if "agreed" in f:
        agreed = f["agreed"]
        stated["agreed"] = None if agreed.is_null else {key: v.plain() for key, v in agreed.mapping().items()}
    if "confirmation" in f:
        stated["confirmation"] = None if f["confirmation"].is_null else f["confirmation"].words()
    return Expectations(
        **stated,
        highlights=_patterns(f, "highlights"),
        said=_patterns(f, "said"),
        not_said=_patterns(f, "not_said"),
        max_response_ms=_ms(f, "max_response_ms"),
        exact=_exact(f),
    )


def _exact(fields: Mapping[str, Field]) -> dict[str, Any]:
    exact = {key: fields[key].plain() for key in _EXACT_KEYS if key in fields}
    if "disposition" in fields:
        exact["disposition"] = fields["disposition"].choice([end.value for end in Disposition])
    return exact


def _patterns(fields: Mapping[str, Field], key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(item.pattern() for item in fields[key].items()) if key in fields else ()


def _ms(fields: Mapping[str, Field], key: str) -> int | None:
    return fields[key].integer(0, MAX_MS) if key in fields and not fields[key].is_null else None


def _keys(field: Field) -> str:
    text = field.words()
    if not set(text) <= set("0123456789*#"):
        raise field.error(f"must be keys of 0-9 * #, not {text!r}")
    return text
