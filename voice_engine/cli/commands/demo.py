"""`voice-engine demo`: one call out and one call in, in audio, live on the terminal."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from voice_engine.audio.frames import RATE_HZ
from voice_engine.carrier.scenario import Scenario, load_scenario
from voice_engine.carrier.simulate import Simulation, simulate
from voice_engine.carrier.voices import Rendered
from voice_engine.cli import console
from voice_engine.cli.calls import Desk, call_folder, open_desk, output_folder, write_json
from voice_engine.cli.captions import CallView
from voice_engine.cli.live import Watcher
from voice_engine.cli.report import report
from voice_engine.cli.respondents import Respondents, open_respondents
from voice_engine.clock import run_virtual
from voice_engine.runtime.single import SingleCall

SCRIPTS = ("demo-restaurant.yaml", "demo-recepcion.yaml")
_TITLES = {
    "demo-restaurant": "calling Nobu for a table (English)",
    "demo-recepcion": "answering for Clínica del Parque (español)",
}


def run(*, out: Path | None, as_json: bool, fast: bool) -> int:
    """Hold both calls; 0 when both go as their scripts expect."""
    screen = console.err() if as_json else console.out()
    scenarios = [load_scenario(Path(str(files("voice_engine.cli") / "files" / name))) for name in SCRIPTS]
    with open_desk() as desk, open_respondents(desk.providers) as respondents:
        folder = output_folder(out or _own_folder(desk), (scenario.name for scenario in scenarios))
        assert folder is not None, "demo always keeps its files"
        voices = prepare(scenarios, desk, respondents, screen)
        done = []
        for scenario, voice in zip(scenarios, voices, strict=True):
            done.append(_hold(scenario, voice, desk, respondents, screen, folder=folder, fast=fast))
    if as_json:
        console.emit_json([_as_dict(simulation, folder) for simulation in done])
    elif not fast:
        screen.print(
            "\nBoth calls ran in this process, in audio, over the built-in carrier. Hear them:", style="bold"
        )
        for simulation in done:
            screen.print(f"  {folder / simulation.scenario.name / 'recording.wav'}", soft_wrap=True)
    return console.EXIT_OK if all(simulation.passed for simulation in done) else console.EXIT_EXPECTATION


def prepare(scenarios: Sequence[Scenario], desk: Desk, respondents: Respondents, screen: Console) -> list[Rendered]:
    """Do before dialling what would otherwise make the first answers late: read models, speak the scripts."""
    with screen.status("loading the engine's speech models …") as status:
        desk.providers.load()
        voices = []
        for scenario in scenarios:
            status.update(f"the other party of {scenario.name} learns its lines …")
            voices.append(respondents.render(scenario))
            respondents.ears(scenario.spec.language)(np.zeros(RATE_HZ, dtype=np.int16))
    return voices


def _own_folder(desk: Desk) -> Path:
    stamp = dt.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return desk.settings.data_dir / "demo" / stamp


def _hold(
    scenario: Scenario,
    voice: Rendered,
    desk: Desk,
    respondents: Respondents,
    screen: Console,
    *,
    folder: Path,
    fast: bool,
) -> Simulation:
    title = _TITLES.get(scenario.name, scenario.name)
    screen.rule(title, style="dim")
    watcher = Watcher(screen, CallView(spec=scenario.spec), title=title, quiet=fast)
    with call_folder(folder, scenario.name) as directory:
        assert directory is not None, "demo always keeps its files"

        async def call() -> Simulation:
            async with watcher.showing():
                return await simulate(
                    scenario,
                    desk.engines(
                        directory=directory, watch=watcher.on_event, made=lambda one: _meter(watcher, one)
                    ),
                    rendered=voice,
                    recognize=respondents.ears(scenario.spec.language),
                )

        simulation = run_virtual(call()) if fast else asyncio.run(call())
        write_json(directory / "result.json", dict(simulation.result))
    _show(simulation, directory, screen)
    return simulation


def _meter(watcher: Watcher, single: SingleCall) -> None:
    watcher.level = lambda: single.session.level_dbfs


def _show(simulation: Simulation, directory: Path, screen: Console) -> None:
    event = directory / "call.ics"
    ics = event.read_text("utf-8") if event.exists() else None
    screen.print(report(simulation.result, ics=ics))
    screen.print(f"recording  {directory / 'recording.wav'}", soft_wrap=True)
    for failure in simulation.failures:
        screen.print(f"unexpected: {failure}", style="red", markup=False)


def _as_dict(simulation: Simulation, folder: Path) -> dict[str, Any]:
    directory = folder / simulation.scenario.name
    return {
        "name": simulation.scenario.name,
        "passed": simulation.passed,
        "failures": list(simulation.failures),
        "recording": str(directory / "recording.wav"),
        **simulation.result,
    }
