"""The example in docs/FORMATS.md is a file that works."""

import asyncio
import re
from pathlib import Path

from voice_engine.carrier import yamlfile
from voice_engine.carrier.scenario import read_scenario
from voice_engine.rehearsal.textmode import simulate_text

PAGE = Path(__file__).parents[2] / "docs" / "FORMATS.md"


def test_the_documented_respondent_is_called_and_its_expectations_hold() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None

    scenario = read_scenario(yamlfile.parse(example.group(1), "FORMATS.md"), PAGE)
    simulation = asyncio.run(simulate_text(scenario))

    assert simulation.failures == ()
