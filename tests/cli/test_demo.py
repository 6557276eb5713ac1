"""The demonstration's scripts: packaged, readable, and true without audio."""

from importlib.resources import files
from pathlib import Path

import pytest

from voice_engine.carrier.scenario import load_scenario
from voice_engine.cli.commands.demo import SCRIPTS
from voice_engine.cli.commands.simulate import hold_text
from voice_engine.cli.serving.media import read_assistant
from voice_engine.ports.call import Category

FILES = Path(str(files("voice_engine.cli") / "files"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_calls_go_as_scripted(name: str) -> None:
    simulation = hold_text(load_scenario(FILES / name))

    assert simulation.failures == ()


def test_it_shows_both_directions_and_both_languages() -> None:
    specs = [load_scenario(FILES / name).spec for name in SCRIPTS]

    assert [(spec.direction, spec.language) for spec in specs] == [("outbound", "en"), ("inbound", "es")]


def test_the_plain_front_desk_is_a_receptionist() -> None:
    assert read_assistant(None).category is Category.RECEPTIONIST
