"""Make docs/img: the live view and the report of a demonstration call, as `voice-engine demo` draws them.

Reads the folder that `voice-engine demo --out FOLDER` wrote: its events are shown again up to one moment.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from voice_engine.carrier.scenario import load_scenario
from voice_engine.cli.captions import CallView
from voice_engine.cli.live import render
from voice_engine.cli.report import report
from voice_engine.ports.call import EngineEvent

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "img"
SCRIPT = ROOT / "voice_engine" / "cli" / "files" / "demo-restaurant.yaml"
WIDTH, HEIGHT = 96, 24
CALLER_DBFS = -52.0
"""A quiet line: the level is not among the events."""


def main(arguments: Sequence[str]) -> int:
    """Draw both pictures from the folder of a demonstration."""
    if len(arguments) != 1:
        print("usage: python scripts/make_pictures.py FOLDER (of voice-engine demo --out FOLDER)", file=sys.stderr)
        return 2
    call = Path(arguments[0]) / "demo-restaurant"
    PICTURES.mkdir(parents=True, exist_ok=True)
    view = CallView(spec=load_scenario(SCRIPT).spec)
    for event in until_reply(read_events(call / "events.jsonl"), number=4):
        view.on_event(event)
    title = "calling Nobu for a table (English)"
    live = render(view, caller_dbfs=CALLER_DBFS, title=title, width=WIDTH, height=HEIGHT)
    draw(live, PICTURES / "live.svg", title="voice-engine demo")
    result: dict[str, Any] = json.loads((call / "result.json").read_text("utf-8"))
    finished = report(result, ics=(call / "call.ics").read_text("utf-8"))
    draw(finished, PICTURES / "report.svg", title="voice-engine demo: the report")
    return 0


def read_events(path: Path) -> list[EngineEvent]:
    """The call's events as the engine told them."""
    events = []
    for line in path.read_text("utf-8").splitlines():
        facts = json.loads(line)
        sequence, at_ms, type_ = facts.pop("sequence"), facts.pop("at_ms"), facts.pop("type")
        events.append(EngineEvent(sequence=sequence, at_ms=at_ms, type=type_, facts=facts))
    return events


def until_reply(events: Sequence[EngineEvent], *, number: int) -> Sequence[EngineEvent]:
    """The events up to the moment before reply `number` ended: the engine is speaking."""
    ended = [index for index, event in enumerate(events) if event.type == "turn.ai"]
    return events[: ended[number - 1]]


def draw(picture: RenderableType, path: Path, *, title: str) -> None:
    """Write what a terminal of this width shows as SVG."""
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(width=WIDTH, record=True, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(picture)
        console.save_svg(str(path), title=title, unique_id="voice-engine")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
