"""The turn machine does what it did: every golden log gives its effects."""

import json
from pathlib import Path

import pytest

from .turn_logs import FOLDER, parse, run, serialize

LOGS = sorted(FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_golden_log_gives_its_effects(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header, steps = parse(text)

    now = serialize(header, run(header, [(at_ms, event) for at_ms, event, _ in steps]))

    assert [json.loads(line) for line in now.splitlines()] == [json.loads(line) for line in text.splitlines()]


def test_the_logs_are_there() -> None:
    assert len(LOGS) >= 10
