"""The view of a finished call: transcript, what it came to, cost, latency, files. Reads `result.json`'s dict."""

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voice_engine.cli.captions import Caption
from voice_engine.cli.live import conversation

PARTS = ("endpointing", "stt", "policy", "llm", "tts", "engine", "total")
"""Columns of the latency table, in the order in which the time is spent."""

Result = Mapping[str, Any]


def report(result: Result, *, ics: str | None = None) -> RenderableType:
    """Everything a person wants to know of a finished call, top to bottom."""
    parts: list[RenderableType] = [
        Panel(transcript(result["turns"]), title="transcript", border_style="dim"),
        Panel(outcome(result), title="outcome", border_style=_colour(result)),
        latency_table(result["turns"]),
    ]
    if ics:
        parts.append(Panel(Text(_event_of(ics)), title="calendar event (in call.ics)", border_style="dim"))
    return Group(*parts)


def transcript(turns: Sequence[Result]) -> RenderableType:
    """The conversation, unheard words struck through."""
    if not turns:
        return Text("nobody spoke", style="dim")
    return conversation([_caption(turn) for turn in turns])


def outcome(result: Result) -> RenderableType:
    """Status, what was agreed and where it was said, highlights, next steps, cost."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in _facts(result):
        grid.add_row(name, value)
    return grid


def latency_table(turns: Sequence[Result]) -> RenderableType:
    """Where each answer's time went, in ms, with the median of each part."""
    measured = [turn for turn in turns if turn.get("latency_ms")]
    table = Table(title="latency, ms", title_justify="left", title_style="dim", header_style="dim")
    table.add_column("turn", justify="right")
    for part in PARTS:
        table.add_column(part, justify="right", style="bold" if part == "total" else "")
    for turn in measured:
        table.add_row(str(turn["index"]), *(_ms(turn["latency_ms"].get(part)) for part in PARTS))
    if measured:
        table.add_section()
        table.add_row("median", *(_median(measured, part) for part in PARTS))
    return table


def _event_of(ics: str) -> str:
    """The calendar's event alone, its folded lines joined: a time zone's century of rules would hide it."""
    unfolded = re.sub(r"\r?\n[ \t]", "", ics)
    event = re.search(r"BEGIN:VEVENT.*?END:VEVENT", unfolded, flags=re.DOTALL)
    return event.group().replace("\r", "") if event else ics.strip()


def _facts(result: Result) -> list[tuple[str, str]]:
    status = f"{result['status']}, task {result.get('task_outcome') or '–'} ({result['disposition']})"
    facts = [("status", status)]
    for slot, value in (result.get("agreed") or {}).items():
        facts.append((slot, f"{value}{_said_at(result, slot)}"))
    if result.get("confirmation"):
        facts.append(("confirmation", f"{result['confirmation']}{_said_at(result, 'confirmation')}"))
    message = result.get("message")
    if message:
        facts.append(("message", f"{message.get('name') or 'somebody'}: {message['text']}"))
    if result.get("transferred_to"):
        facts.append(("transferred to", str(result["transferred_to"])))
    facts += [("highlight", line) for line in result.get("highlights", ())]
    facts += [("next step", line) for line in result.get("next_steps", ())]
    facts.append(("duration", f"{result['duration_seconds']:.1f} s"))
    facts.append(("credits", f"{result['credits_used']}"))
    return facts


def _said_at(result: Result, slot: str) -> str:
    span = (result.get("evidence") or {}).get(slot)
    return f"   (said at {span['start_ms'] / 1000:.1f}–{span['end_ms'] / 1000:.1f} s)" if span else ""


def _caption(turn: Result) -> Caption:
    latency = turn.get("latency_ms") or {}
    heard = turn.get("heard_text") if turn.get("interrupted") else None
    return Caption(
        at_ms=turn["start_ms"],
        speaker=turn["speaker"],
        text=turn["text"],
        heard=heard,
        latency_ms=latency.get("total"),
    )


def _median(turns: Sequence[Result], part: str) -> str:
    values = [turn["latency_ms"][part] for turn in turns if turn["latency_ms"].get(part) is not None]
    return _ms(median(values)) if values else "–"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _colour(result: Result) -> str:
    if result["status"] in {"success", "completed"}:
        return "green" if result.get("task_outcome") in {"achieved", None} else "yellow"
    return "red"
