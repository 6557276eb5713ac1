"""The table of simulated calls, and replays under another policy."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from voice_engine.carrier.recorded import load_recorded
from voice_engine.carrier.scenario import load_scenario
from voice_engine.carrier.simulate import Simulation
from voice_engine.cli.commands.replay import led_by
from voice_engine.cli.commands.simulate import as_dict, hold_text, table
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "tests" / "scenarios" / "en-restaurant-counter-offer.yaml"
CALLS = ROOT / "fixtures" / "audio" / "calls"


@pytest.fixture(scope="module")
def held() -> Simulation:
    return hold_text(load_scenario(SCENARIO))


def text_of(*done: Simulation) -> str:
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(table(done))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_counts_what_holds(held: Simulation) -> None:
    broken = replace(held, failures=("agreed.time: expected 19:00, got 20:30",))

    text = text_of(held, broken)

    assert "1 of 2 hold" in text
    assert (text.count("holds"), text.count("FAILS")) == (1, 1)


def test_the_dict_is_the_result_and_its_verdict(held: Simulation) -> None:
    shown = as_dict(held)

    assert (shown["name"], shown["passed"], shown["status"]) == ("en-restaurant-counter-offer", True, "success")


def test_a_recorded_call_can_be_led_by_another_policy() -> None:
    recorded = load_recorded(CALLS / "en-restaurant-counter-offer")

    assert led_by(recorded, "general").spec.category is Category.GENERAL
    assert led_by(recorded, None) is recorded


def test_an_inbound_call_has_one_policy_only() -> None:
    with pytest.raises(InvalidInput):
        led_by(load_recorded(CALLS / "en-inbound-booking"), "restaurant")


@pytest.mark.parametrize("folder", sorted(path.parent for path in CALLS.glob("*/call.yaml")), ids=lambda p: p.name)
def test_every_recorded_call_can_be_read(folder: Path) -> None:
    recorded = load_recorded(folder)

    assert (recorded.caller is None) != (recorded.log is None)
