"""The commands and their options. Bodies import late, so that help is instant; the work is in `cli.commands`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from voice_engine import __version__
from voice_engine.cli.console import EXIT_BUG, EXIT_OK, EXIT_UNUSABLE, fail
from voice_engine.errors import VoiceEngineError

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

app = typer.Typer(
    name="voice-engine",
    help="A self-hosted AI phone line: it places and answers calls, with local speech.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: with rich it takes twice as long
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for each call's files.", show_default=False)]
STTName = Annotated[str | None, typer.Option("--stt", help="Recognizer: local, scripted, …", show_default=False)]
TTSName = Annotated[str | None, typer.Option("--tts", help="Synthesizer: local, scripted, …", show_default=False)]
LLMName = Annotated[str | None, typer.Option("--llm", help="Language model: none, openai, …", show_default=False)]
RealTime = Annotated[bool, typer.Option("--realtime", help="In real time instead of on the virtual clock.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voice-engine {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A self-hosted AI phone line: it places and answers calls, with local speech."""


@app.command()
def demo(
    *,
    out: Out = None,
    as_json: AsJSON = False,
    fast: Annotated[bool, typer.Option("--fast", help="On the virtual clock, without the live view.")] = False,
) -> None:
    """Hold two calls in audio, live: one out, one in Spanish."""
    from voice_engine.cli.commands import demo as command

    raise typer.Exit(command.run(out=out, as_json=as_json, fast=fast))


@app.command()
def replay(
    paths: Paths,
    *,
    out: Out = None,
    as_json: AsJSON = False,
    realtime: RealTime = False,
    stt: STTName = None,
    tts: TTSName = None,
    llm: LLMName = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="Lead every call by this policy.", show_default=False)
    ] = None,
) -> None:
    """Run recorded calls through the engine and check them."""
    from voice_engine.cli.commands import replay as command

    overrides = {"stt": stt, "tts": tts, "llm": llm}
    raise typer.Exit(
        command.run(paths, out=out, as_json=as_json, realtime=realtime, policy=policy, overrides=overrides)
    )


@app.command()
def simulate(
    paths: Paths,
    *,
    out: Out = None,
    as_json: AsJSON = False,
    text: Annotated[bool, typer.Option("--text", help="Skip audio: text both ways.")] = False,
    realtime: RealTime = False,
    stt: STTName = None,
    tts: TTSName = None,
    llm: LLMName = None,
) -> None:
    """Call scripted respondents and check the outcome."""
    from voice_engine.cli.commands import simulate as command

    overrides = {"stt": stt, "tts": tts, "llm": llm}
    raise typer.Exit(
        command.run(paths, out=out, as_json=as_json, text=text, realtime=realtime, overrides=overrides)
    )


@app.command()
def understand(
    *,
    language: Annotated[str, typer.Option("--language", help="en or es.")],
    now: Annotated[str, typer.Option("--now", help="Local date and time, ISO: 2026-02-13T10:00:00.")],
    category: Annotated[
        str, typer.Option("--category", help="restaurant, clinic, hotel, general, receptionist.")
    ] = "general",
    region: Annotated[str, typer.Option("--region", help="Two letters: numbers as dialled there.")] = "US",
    hours: Annotated[
        str | None, typer.Option("--hours", help="Opening hours, 17:00-23:00.", show_default=False)
    ] = None,
) -> None:
    """Say what phrases mean: lines of JSON in and out."""
    from voice_engine.cli.commands import understand as command

    raise typer.Exit(
        command.run(sys.stdin, language=language, now=now, category=category, region=region, hours=hours)
    )


@app.command()
def load(
    paths: Paths,
    *,
    url: Annotated[str, typer.Option("--url", help="Base URL of the running server.")] = "http://127.0.0.1:8000",
    calls: Annotated[int, typer.Option("--calls", min=1, max=10_000, help="Calls at once.")] = 10,
    ramp: Annotated[float, typer.Option("--ramp", min=0.1, help="Calls begun a second.")] = 10.0,
    duration: Annotated[
        float | None, typer.Option("--duration", min=1, help="Repeat the calls so long.", show_default=False)
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Bring many recorded calls to a running server."""
    from voice_engine.cli.commands import load as command

    raise typer.Exit(command.run(paths, url=url, calls=calls, ramp=ramp, duration_s=duration, as_json=as_json))


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 asks for a free one.")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="Log JSON lines.")] = False,
    stt: STTName = None,
    tts: TTSName = None,
    llm: LLMName = None,
) -> None:
    """Answer the carrier's calls; SIGTERM lets live ones end."""
    from voice_engine.cli.commands import serve as command

    overrides = {"stt": stt, "tts": tts, "llm": llm}
    raise typer.Exit(command.run(host=host, port=port, as_json=as_json, overrides=overrides))


@app.command()
def doctor(
    *,
    as_json: AsJSON = False,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Print secrets in clear.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Find the models but do not load them.")] = False,
) -> None:
    """Check machine and settings, and say what to fix."""
    from voice_engine.cli.commands import doctor as command

    raise typer.Exit(command.run(as_json=as_json, show_secrets=show_secrets, quick=quick))


def run(argv: list[str], command: Callable[..., Any] = app) -> int:
    """Run one command line; the exit status. The edge of the process: every error ends here."""
    try:
        status = command(args=argv, prog_name="voice-engine", standalone_mode=False)
    except VoiceEngineError as error:
        fail(error.message)
        return EXIT_UNUSABLE
    except (KeyboardInterrupt, typer.Abort):
        fail("interrupted")
        return INTERRUPTED
    except typer.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        sys.stdout = None  # the reader left; nothing more to flush
        return EXIT_OK
    except typer.TyperException as error:  # a wrong option or argument
        fail(f"{_message(error)} (see voice-engine --help)")
        return EXIT_UNUSABLE
    except Exception:  # noqa: BLE001  # a bug: say where, and that it is one
        sys.excepthook(*sys.exc_info())
        fail("this is a bug in voice-engine; please report the lines above")
        return EXIT_BUG
    return status if isinstance(status, int) else EXIT_OK


def _message(error: typer.TyperException) -> str:
    written: Callable[[], str] | None = getattr(error, "format_message", None)
    return written() if written else str(error)


def main() -> None:
    """Entry point of the `voice-engine` script."""
    sys.exit(run(sys.argv[1:]))
