"""Every scenario of this folder, held as text: the dialogue's own share of what `simulate` checks in audio."""

from pathlib import Path

import pytest

from voice_engine.carrier.scenario import find_scenarios, load_scenario
from voice_engine.core.dialogue.ics import zone_of
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.providers.knowledge.local import LocalKnowledge
from voice_engine.rehearsal.textmode import simulate_text

FOLDER = Path(__file__).parent
FILES = find_scenarios([FOLDER])


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_scenario_holds(path: Path) -> None:
    """What the file expects is what the call comes to."""
    scenario = load_scenario(path)
    assistant = scenario.spec.assistant
    calendar = LocalCalendar.of(assistant, zone=zone_of(scenario.spec)) if assistant else None
    knowledge = LocalKnowledge(assistant.knowledge) if assistant else None

    simulation = await simulate_text(scenario, calendar=calendar, knowledge=knowledge)

    assert simulation.failures == ()


def test_both_languages_and_every_category_are_covered() -> None:
    specs = [load_scenario(path).spec for path in FILES]

    kinds = {(spec.language, spec.category.value) for spec in specs}

    wanted = {"restaurant", "clinic", "hotel", "general", "receptionist"}
    assert {(language, category) for language in ("en", "es") for category in wanted} <= kinds
    assert len(specs) >= 64
