"""`voice-engine simulate`: call scripted respondents, print a table, say which expectations fail."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from voice_engine.carrier.scenario import Scenario, find_scenarios, load_scenario
from voice_engine.carrier.simulate import Simulation, simulate
from voice_engine.cli import console
from voice_engine.cli.calls import Desk, call_folder, existing, open_desk, output_folder, read_settings, write_json
from voice_engine.cli.respondents import Respondents, open_respondents
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.ics import zone_of
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.providers.knowledge.local import LocalKnowledge
from voice_engine.rehearsal.textmode import simulate_text

Hold = Callable[[Scenario], Simulation]


def run(
    paths: list[Path],
    *,
    out: Path | None,
    as_json: bool,
    text: bool,
    realtime: bool,
    overrides: Mapping[str, str | None],
) -> int:
    """Hold every call; 0 when all expectations hold, 1 when one does not."""
    scenarios = [load_scenario(path) for path in find_scenarios(existing(paths))]
    folder = output_folder(out, (scenario.name for scenario in scenarios))
    if text:
        read_settings(overrides)
        return _report(_hold_all(scenarios, hold_text, folder, quiet=as_json), as_json=as_json)
    with open_desk(overrides) as desk, open_respondents(desk.providers) as respondents:
        if realtime:
            desk.providers.load()

        def hold(scenario: Scenario) -> Simulation:
            return hold_audio(scenario, desk, respondents, folder=folder, realtime=realtime)

        return _report(_hold_all(scenarios, hold, folder, quiet=as_json), as_json=as_json)


def hold_text(scenario: Scenario) -> Simulation:
    """One call without audio."""
    assistant = scenario.spec.assistant
    return run_virtual(
        simulate_text(
            scenario,
            calendar=LocalCalendar.of(assistant, zone=zone_of(scenario.spec)) if assistant else None,
            knowledge=LocalKnowledge(assistant.knowledge) if assistant else None,
        )
    )


def hold_audio(
    scenario: Scenario, desk: Desk, respondents: Respondents, *, folder: Path | None, realtime: bool
) -> Simulation:
    """One call in audio, on the virtual clock or in real time."""
    rendered = respondents.render(scenario)
    with call_folder(folder, scenario.name) as directory:
        call = simulate(
            scenario,
            desk.engines(directory=directory),
            rendered=rendered,
            recognize=respondents.ears(scenario.spec.language),
        )
        return asyncio.run(call) if realtime else run_virtual(call)


def _hold_all(scenarios: Sequence[Scenario], hold: Hold, folder: Path | None, *, quiet: bool) -> list[Simulation]:
    done = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    screen = console.err()
    hidden = quiet or not screen.is_terminal
    with Progress(*columns, console=screen, transient=True, disable=hidden) as progress:
        task = progress.add_task("calling", total=len(scenarios))
        for scenario in scenarios:
            progress.update(task, description=f"[bold]{scenario.name}[/bold]")
            simulation = hold(scenario)
            if folder is not None:
                write_json(folder / scenario.name / "result.json", dict(simulation.result))
            done.append(_light(simulation))
            progress.advance(task)
    return done


def _light(simulation: Simulation) -> Simulation:
    """Without the call's audio: sixty calls of it would be kept for nothing."""
    return replace(simulation, said=b"", heard=b"", record=None)


def _report(done: Sequence[Simulation], *, as_json: bool) -> int:
    if as_json:
        console.emit_json([as_dict(simulation) for simulation in done])
    else:
        screen = console.out()
        screen.print(table(done))
        for simulation in done:
            for failure in simulation.failures:
                screen.print(Text(f"{simulation.scenario.path}: {failure}"), soft_wrap=True)
    return console.EXIT_OK if all(simulation.passed for simulation in done) else console.EXIT_EXPECTATION


def as_dict(simulation: Simulation) -> dict[str, Any]:
    """The result, and whether it is what the scenario expects."""
    return {
        "name": simulation.scenario.name,
        "passed": simulation.passed,
        "failures": list(simulation.failures),
        "notes": list(simulation.notes),
        **simulation.result,
    }


def table(done: Sequence[Simulation]) -> Table:
    """One line a call, and their sum."""
    held = sum(simulation.passed for simulation in done)
    caption = f"{held} of {len(done)} hold; n: turns, s: length, ms: median response"
    shown = Table(caption=caption, caption_justify="left", header_style="dim", box=None, padding=(0, 1, 0, 0))
    for name in ("", "call", "status", "outcome", "n", "s", "ms"):
        shown.add_column(name, justify="right" if name in {"n", "s", "ms"} else "left", no_wrap=True)
    for simulation in done:
        result = simulation.result
        shown.add_row(
            Text("holds", style="green") if simulation.passed else Text("FAILS", style="bold red"),
            simulation.scenario.name,
            result["status"],
            result["task_outcome"] or "–",
            str(len(result["turns"])),
            f"{result['duration_seconds']:.0f}",
            _median_latency(result["turns"]),
        )
    return shown


def _median_latency(turns: Sequence[Mapping[str, Any]]) -> str:
    totals = [turn["latency_ms"]["total"] for turn in turns if turn.get("latency_ms")]
    known = [total for total in totals if total is not None]
    return f"{median(known):.0f}" if known else "–"
