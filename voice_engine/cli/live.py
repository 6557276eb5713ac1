"""The live view of a call: who has the floor, levels, captions with unheard words struck through, cost, latency."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voice_engine.cli.captions import CallView, Caption, Phase
from voice_engine.ports.call import EngineEvent

REFRESHES_PER_S = 8
"""A redraw costs the loop about 3 ms; more of them would be felt by 20 ms frames."""

DEFAULT_HEIGHT = 24
HEAD_LINES, FRAME_LINES, SPARE_LINES = 4, 2, 2
"""Rows that are not conversation: floor and levels, the border, and what stands above the view and below it."""

TIME_CELLS, SPEAKER_CELLS = 5, 6
QUIETEST_DBFS = -60.0
BAR_CELLS = 12
_BLOCKS = " ▏▎▍▌▋▊▉█"

_FLOOR: dict[Phase, str] = {
    "ringing": "nobody yet",
    "listening": "open",
    "caller speaks": "the other party",
    "thinking": "the engine, about to speak",
    "engine speaks": "the engine",
    "interrupted": "the engine, being interrupted?",
    "on hold": "on hold",
    "ended": "nobody",
}

Level = Callable[[], float]
"""The newest level in dBFS."""


def level_bar(level_dbfs: float, cells: int = BAR_CELLS) -> str:
    """A bar of `cells` characters: empty at −60 dBFS, full at 0."""
    eighths = round(max(0.0, min(1.0, 1 - level_dbfs / QUIETEST_DBFS)) * cells * 8)
    full, rest = divmod(eighths, 8)
    bar = "█" * full + (_BLOCKS[rest] if full < cells else "")
    return bar.ljust(cells)


def caption_text(caption: Caption) -> Text:
    """One caption as a line: time, speaker, what was heard, what was not (struck through), the answer's latency."""
    at, speaker, words = _cells(caption)
    return Text("  ").join((at, speaker, words))


def conversation(captions: Sequence[Caption]) -> Table:
    """Captions below each other, long ones wrapped under their own words."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=TIME_CELLS, no_wrap=True)
    grid.add_column(width=SPEAKER_CELLS, no_wrap=True)
    grid.add_column()
    for caption in captions:
        grid.add_row(*_cells(caption))
    return grid


def _cells(caption: Caption) -> tuple[Text, Text, Text]:
    minutes, seconds = divmod(caption.at_ms // 1000, 60)
    engine = caption.speaker == "AI"
    words = Text(caption.spoken(), style="dim italic" if caption.unfinished else "")
    rest = caption.unheard()
    if rest:
        words.append(" ")
        words.append(rest, style="strike dim")
    if caption.latency_ms is not None:
        words.append(f"  {caption.latency_ms:.0f} ms", style="dim")
    speaker = Text("engine", style="bold cyan") if engine else Text("caller", style="bold yellow")
    return Text(f"{minutes:02d}:{seconds:02d}", style="dim"), speaker, words


def render(
    view: CallView,
    *,
    caller_dbfs: float = QUIETEST_DBFS,
    title: str = "",
    width: int = 80,
    height: int = DEFAULT_HEIGHT,
) -> RenderableType:
    """The whole view as one panel that fits into `width` × `height` cells: the newest captions stay."""
    notes = [Text(f"· {view.notes[-1]}", style="dim", no_wrap=True, overflow="ellipsis")] if view.notes else []
    lines = height - HEAD_LINES - FRAME_LINES - SPARE_LINES - len(notes)
    shown = _newest(view.shown(), width=width, lines=lines)
    body = Group(_head(view, caller_dbfs), Text(""), conversation(shown), *notes)
    return Panel(
        body, title=title or view.spec.category.value, subtitle=view.phase, border_style=_border(view.phase)
    )


def _head(view: CallView, caller_dbfs: float) -> Table:
    minutes, seconds = divmod(view.now_ms // 1000, 60)
    latency = "–" if view.last_latency_ms is None else f"{view.last_latency_ms:.0f} ms"
    speaking = view.phase in {"engine speaks", "interrupted"}
    head = Table.grid(expand=True, padding=(0, 2))
    head.add_column(no_wrap=True)
    head.add_column(no_wrap=True, justify="right")
    head.add_row(Text.assemble(("floor   ", "dim"), (_FLOOR[view.phase], "bold")), f"{minutes:02d}:{seconds:02d}")
    head.add_row(
        Text.assemble(("caller  ", "dim"), (level_bar(caller_dbfs), "yellow")), f"{view.credits()} credits"
    )
    head.add_row(
        Text.assemble(("engine  ", "dim"), ("speaking" if speaking else "silent", "cyan" if speaking else "dim")),
        f"last answer {latency}, barge-ins {view.barge_ins}",
    )
    return head


def _newest(captions: Sequence[Caption], *, width: int, lines: int) -> list[Caption]:
    """As many captions from the end as fit; at least one."""
    cells = max(20, width - 4 - TIME_CELLS - SPEAKER_CELLS - 6)
    shown: list[Caption] = []
    for caption in reversed(captions):
        words = _cells(caption)[2]
        lines -= len(words.wrap(_MEASURE, cells))
        if lines < 0 and shown:
            break
        shown.append(caption)
    return shown[::-1]


_MEASURE = Console(width=80)
"""Only for wrapping text: nothing is printed there."""


def _border(phase: Phase) -> str:
    return {"engine speaks": "cyan", "caller speaks": "yellow", "interrupted": "magenta"}.get(phase, "white")


class Watcher:
    """Shows one call: a redrawn panel on a terminal, a line a turn elsewhere, nothing at all when quiet."""

    def __init__(self, console: Console, view: CallView, *, title: str = "", quiet: bool = False) -> None:
        self.view = view
        self.level: Level = lambda: QUIETEST_DBFS
        self._console = console
        self._title = title
        self.quiet = quiet
        self._printed = 0

    def on_event(self, event: EngineEvent) -> None:
        """An event of the engine; returns at once."""
        self.view.on_event(event)
        if not self.quiet and not self._console.is_terminal:
            self._print_new()

    @asynccontextmanager
    async def showing(self) -> AsyncIterator[None]:
        """Redraw the view while the context is open."""
        if self.quiet or not self._console.is_terminal:
            yield
            return
        with Live(self._draw(), console=self._console, auto_refresh=False, transient=True) as live:
            async with asyncio.TaskGroup() as tasks:
                redraw = tasks.create_task(self._redraw(live), name="live view")
                try:
                    yield
                finally:
                    redraw.cancel()

    async def _redraw(self, live: Live) -> None:
        last, base = time.monotonic(), self.view.now_ms
        while True:
            await asyncio.sleep(1 / REFRESHES_PER_S)
            if self.view.now_ms > base:
                last, base = time.monotonic(), self.view.now_ms
            elif self.view.answered and self.view.phase != "ended":
                self.view.now_ms = base = base + round((time.monotonic() - last) * 1000)
                last = time.monotonic()
            live.update(self._draw(), refresh=True)

    def _draw(self) -> RenderableType:
        width, height = self._console.size
        return render(self.view, caller_dbfs=self.level(), title=self._title, width=width, height=height)

    def _print_new(self) -> None:
        for caption in self.view.captions[self._printed :]:
            self._console.print(caption_text(caption), soft_wrap=True)
        self._printed = len(self.view.captions)
