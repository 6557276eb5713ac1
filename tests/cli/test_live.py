"""The live view as text, and how it behaves off a terminal."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from tests.cli.test_captions import SPEC, view
from voice_engine.cli.captions import CallView, Caption
from voice_engine.cli.live import Watcher, caption_text, level_bar, render
from voice_engine.clock import run_virtual
from voice_engine.ports.call import EngineEvent


def text_of(seen: CallView, *, caller_dbfs: float = -60.0) -> str:
    console = Console(file=io.StringIO(), width=90, color_system=None)
    console.print(render(seen, caller_dbfs=caller_dbfs))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("dbfs", "full"), [(-90.0, 0), (-60.0, 0), (-30.0, 6), (0.0, 12), (3.0, 12)])
def test_the_bar_spans_sixty_decibels(dbfs: float, full: int) -> None:
    bar = level_bar(dbfs)

    assert (len(bar), bar.count("█")) == (12, full)


def test_the_view_shows_floor_clock_cost_and_words() -> None:
    seen = view(
        (0, "call.answered", {}),
        (900, "turn.human", {"pii_text": "Hello?", "start_ms": 100}),
        (65_000, "reply.started", {"latency_ms": 612.0}),
    )

    text = text_of(seen, caller_dbfs=-30.0)

    for words in ("the engine", "01:05", "1.2 credits", "612 ms", "Hello?"):
        assert words in text


def test_unheard_words_are_struck_through() -> None:
    line = caption_text(Caption(at_ms=61_000, speaker="AI", text="one two three", heard="one"))

    struck = [line.plain[span.start : span.end] for span in line.spans if "strike" in str(span.style)]
    assert struck == ["two three"]
    assert line.plain.startswith("01:01")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 12)])
def test_the_view_fits_its_terminal_and_keeps_the_newest_words(width: int, height: int) -> None:
    """A view higher than its terminal loses its end, where the newest words are."""
    long = " ".join(["word"] * 40)
    turns = [(n, "turn.human", {"pii_text": f"{n} {long}", "start_ms": n}) for n in range(1, 30)]
    seen = view((0, "call.answered", {}), *turns, (99, "reply.clause", {"pii_text": "the newest"}))
    console = Console(file=io.StringIO(), width=width, color_system=None)

    lines = console.render_lines(render(seen, width=width, height=height))

    assert len(lines) <= height
    assert any("the newest" in "".join(part.text for part in line) for line in lines)


def test_words_with_brackets_are_no_markup() -> None:
    """What a caller says goes to the terminal as it is."""
    seen = view((0, "call.answered", {}), (9, "turn.human", {"pii_text": "press [bold]one[/bold]", "start_ms": 0}))

    assert "[bold]one[/bold]" in text_of(seen)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    yield io.StringIO()


def watch(stream: io.StringIO, *, quiet: bool, terminal: bool) -> None:
    console = Console(file=stream, width=90, force_terminal=terminal, color_system=None)
    watcher = Watcher(console, CallView(spec=SPEC), quiet=quiet)

    async def main() -> None:
        async with watcher.showing():
            for number, words in enumerate(("Hello?", "Anyone?"), 1):
                facts = {"pii_text": words, "start_ms": 0}
                watcher.on_event(EngineEvent(sequence=number, at_ms=number, type="turn.human", facts=facts))

    run_virtual(main())


def test_off_a_terminal_each_turn_is_one_line(stream: io.StringIO) -> None:
    watch(stream, quiet=False, terminal=False)

    assert [line.split("  ")[-1] for line in stream.getvalue().splitlines()] == ["Hello?", "Anyone?"]


def test_a_quiet_watcher_writes_nothing(stream: io.StringIO) -> None:
    watch(stream, quiet=True, terminal=False)

    assert stream.getvalue() == ""


def test_on_a_terminal_the_panel_is_drawn_and_taken_away(stream: io.StringIO) -> None:
    watch(stream, quiet=False, terminal=True)

    assert "╭" in stream.getvalue()
    assert stream.getvalue().endswith(("\x1b[2K", "\x1b[?25h")) or "\x1b[1A" in stream.getvalue()
