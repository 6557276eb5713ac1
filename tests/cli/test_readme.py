"""The README's tour works at any hour of any day."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_its_calls_are_placed_at_any_hour_for_a_day_ahead() -> None:
    """Outside calling hours an ordinary call waits, and a day that is past is refused."""
    (submission,) = re.findall(r'"submission": \{.*?\}\}', README, re.DOTALL)
    (command,) = re.findall(r"^\$ voice-engine call .*?(?=^queued)", README, re.DOTALL | re.MULTILINE)

    assert '"is_urgent": true' in submission
    assert "--urgent" in command
    assert re.search(r"\d{4}-\d\d-\d\d", submission + command) is None
