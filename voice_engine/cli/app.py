"""The commands and their options. Bodies import late, so that help is instant; the work is in `cli.commands`."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from voice_engine import __version__
from voice_engine.cli import accounts, mail, numbers, records
from voice_engine.cli.console import EXIT_BUG, EXIT_OK, EXIT_UNUSABLE, emit_json, fail
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

app.add_typer(accounts.users, name="user")
app.add_typer(accounts.tokens, name="token")
app.add_typer(records.records, name="data")
app.add_typer(mail.mail, name="mail")
app.add_typer(numbers.numbers, name="numbers")

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for each call's files.", show_default=False)]
STTName = Annotated[str | None, typer.Option("--stt", help="Recognizer: local, scripted, …", show_default=False)]
TTSName = Annotated[str | None, typer.Option("--tts", help="Synthesizer: local, scripted, …", show_default=False)]
LLMName = Annotated[str | None, typer.Option("--llm", help="Language model: none, openai, …", show_default=False)]
Supervised = Annotated[
    bool, typer.Option("--supervised", help="End when standard input ends.", hidden=True, show_default=False)
]
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
def call(
    number: Annotated[str, typer.Argument(help="Whom to call, as +1…")],
    *,
    task: Annotated[str, typer.Option("--task", help="What to achieve, in your words.")],
    category: Annotated[str, typer.Option("--category", help="restaurant, clinic, hotel or general.")] = "general",
    name: Annotated[str, typer.Option("--name", help="In whose name.")] = "",
    business: Annotated[str, typer.Option("--business", help="Who is called.")] = "",
    date: Annotated[str, typer.Option("--date", help="YYYY-MM-DD.")] = "",
    time: Annotated[str, typer.Option("--time", help="HH:MM.")] = "",
    party: Annotated[int, typer.Option("--party", min=0, max=50, help="How many people.")] = 0,
    language: Annotated[str, typer.Option("--language", help="en or es.")] = "",
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="IANA name of the appointment's zone.", show_default=False)
    ] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="Also outside calling hours.")] = False,
    url: Annotated[str, typer.Option("--url", help="Base URL of the running server.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="VOICE_ENGINE_TOKEN", help="API token.", show_default=False),
    ] = None,
    user: Annotated[
        str, typer.Option("--user", help="Without a token: as whom; unset: the only account here.")
    ] = "",
    as_json: AsJSON = False,
) -> None:
    """Place a call through the running server and watch it."""
    from voice_engine.cli.commands import call as command

    submission = {
        "task_category": category,
        "task_description": task,
        "respondent_phone": number,
        "business_name": business,
        "user_name": name,
        "appointment_date": date,
        "appointment_time": time,
        "party_size": party,
        "language": language,
        "is_urgent": urgent,
    }
    options = command.CallOptions(
        url=url, token=token, user=user, submission=submission, timezone=timezone, as_json=as_json
    )
    raise typer.Exit(command.run(options))


@app.command()
def carrier(*, as_json: AsJSON = False, supervised: Supervised = False) -> None:
    """Run the built-in carrier, which stands in for Twilio (serve starts one by itself)."""
    from voice_engine.cli.commands import carrier as command

    raise typer.Exit(command.run(as_json=as_json, supervised=supervised))


@app.command()
def db(
    verb: Annotated[str, typer.Argument(help="upgrade, state, or revision (for developers).")] = "state",
    *,
    message: Annotated[str, typer.Option("--message", "-m", help="What a revision does.")] = "",
    as_json: AsJSON = False,
) -> None:
    """Bring the database to this version's schema, or say where it stands."""
    from voice_engine.cli.commands import db as command

    raise typer.Exit(command.run(verb, message=message, as_json=as_json))


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

    # What is no UTF-8 comes through as surrogates, so that the line it is on can be named.
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape")
    raise typer.Exit(command.run(lines, language=language, now=now, category=category, region=region, hours=hours))


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
    role: Annotated[
        str, typer.Option("--role", help="all, or media: answer calls by one file, without accounts.")
    ] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="Log JSON lines.")] = False,
    stt: STTName = None,
    tts: TTSName = None,
    llm: LLMName = None,
) -> None:
    """Answer the carrier's calls; SIGTERM lets live ones end."""
    from voice_engine.cli.commands import serve as command

    overrides = {"stt": stt, "tts": tts, "llm": llm}
    raise typer.Exit(
        command.run(host=host, port=port, role=command.read_role(role), as_json=as_json, overrides=overrides)
    )


@app.command()
def reception(
    path: Annotated[Path, typer.Argument(help="A file with an `assistant` (docs/FORMATS.md).")],
    *,
    user: Annotated[str, typer.Option("--user", help="Whose calls; unset: the only account's.")] = "",
    as_json: AsJSON = False,
) -> None:
    """Have an account's calls answered as a file says: business, hours, knowledge, transfer targets."""
    from voice_engine.cli.commands import reception as command

    raise typer.Exit(command.run(path, user=user, as_json=as_json))


@app.command()
def worker(
    *,
    name: Annotated[
        str | None, typer.Option("--name", help="Stable name; by default the first free of this host.")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="Base URL for callbacks, where it is not configured.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Log JSON lines.")] = False,
    supervised: Annotated[bool, typer.Option("--supervised", help="End when standard input ends.")] = False,
) -> None:
    """Do durable work: dial, retry, clean up; SIGTERM drains."""
    from voice_engine.cli.commands import worker as command

    raise typer.Exit(command.run(name=name, public_url=public_url, as_json=as_json, supervised=supervised))


@app.command()
def doctor(
    *,
    as_json: AsJSON = False,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Print secrets in clear.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Load no models, ask nobody over the network.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Lead numbers here that ring elsewhere.")] = False,
) -> None:
    """Check machine and settings, and say what to fix."""
    from voice_engine.cli.commands import doctor as command

    raise typer.Exit(command.run(as_json=as_json, show_secrets=show_secrets, quick=quick, fix=fix))


def run(argv: list[str], command: Callable[..., Any] = app) -> int:
    """Run one command line; the exit status. The edge of the process: every error ends here."""
    try:
        status = command(args=argv, prog_name="voice-engine", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except typer.Exit as done:
        status = done.exit_code
    except SystemExit as done:  # rich and typer turn a closed pipe into one
        if not isinstance(done.__context__, BrokenPipeError):
            raise
        return _reader_left()
    except BrokenPipeError:
        return _reader_left()
    except typer.TyperException as error:  # a wrong option or argument
        return _refuse(argv, "bad_usage", f"{_message(error)} (see voice-engine --help)")
    except Exception as error:  # noqa: BLE001  # a bug unless the input or the machine is at fault: say which
        return _failed(argv, error)
    if status == INTERRUPTED:  # typer makes an exit of Control-C
        return _interrupted()
    return status if isinstance(status, int) else EXIT_OK


def _failed(argv: list[str], error: Exception) -> int:
    """The input's or the machine's fault is one line; a bug shows where it is."""
    leaves = list(_leaves(error))
    for leaf in leaves:
        if isinstance(leaf, VoiceEngineError):
            return _refuse(argv, leaf.code, leaf.message)
    if all(isinstance(leaf, OSError) for leaf in leaves):
        _drop_output()
        return _refuse(argv, "system_refused", _system_message(leaves[0]))
    sys.excepthook(type(error), error, error.__traceback__)
    fail("this is a bug in voice-engine; please report the lines above")
    return EXIT_BUG


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _system_message(error: BaseException) -> str:
    """What the system refused, with the file where it names one."""
    where = getattr(error, "filename", None)
    what = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{where}: {what}" if where else f"the system refused: {what}"


def _refuse(argv: list[str], code: str, message: str) -> int:
    """One line on standard error; with `--json` also a document on standard output (`serve` logs there)."""
    fail(message)
    if "--json" in argv and argv[0] != "serve":
        with suppress(OSError):  # standard output may be what failed
            emit_json({"error": {"code": code, "message": message}})
            sys.stdout.flush()
    return EXIT_UNUSABLE


def _interrupted() -> int:
    fail("interrupted")
    return INTERRUPTED


def _reader_left() -> int:
    """`voice-engine … | head`: the reader had enough, which is no error."""
    _drop_output()
    return EXIT_OK


def _drop_output() -> None:
    """Send what is still buffered nowhere: the interpreter's own flush at exit would complain."""
    with suppress(OSError, ValueError):  # a replaced standard output has no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _message(error: typer.TyperException) -> str:
    written: Callable[[], str] | None = getattr(error, "format_message", None)
    return written() if written else str(error)


def main() -> None:
    """Entry point of the `voice-engine` script."""
    sys.exit(run(sys.argv[1:]))
