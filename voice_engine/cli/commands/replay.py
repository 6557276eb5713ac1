"""`voice-engine replay`: run recorded calls through the engine and check what they expect."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from voice_engine.carrier.recorded import RecordedCall, find_recorded, load_recorded
from voice_engine.carrier.replay import Replay, replay
from voice_engine.cli import console
from voice_engine.cli.calls import Desk, call_folder, existing, open_desk, output_folder, write_json
from voice_engine.cli.report import report
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category


def run(
    paths: list[Path],
    *,
    out: Path | None,
    as_json: bool,
    realtime: bool,
    policy: str | None,
    overrides: Mapping[str, str | None],
) -> int:
    """Replay every call; 0 when all expectations hold, 1 when one does not."""
    recorded = [led_by(load_recorded(path), policy) for path in find_recorded(existing(paths))]
    folder = output_folder(out, (call.name for call in recorded))
    done = []
    with open_desk(overrides) as desk:
        if realtime:
            desk.providers.load()
        for call in recorded:
            finished = replay_one(call, desk, folder=folder, realtime=realtime)
            done.append(finished)
            if not as_json:
                _show(finished, folder)
    if as_json:
        console.emit_json([dict(finished.result) for finished in done])
    _name_failures(done)
    return console.EXIT_OK if all(finished.passed for finished in done) else console.EXIT_EXPECTATION


def led_by(recorded: RecordedCall, policy: str | None) -> RecordedCall:
    """The same call under another policy. Raises InvalidInput: `unknown_policy`."""
    if policy is None:
        return recorded
    submission = recorded.spec.submission
    names = [category.value for category in Category if category is not Category.RECEPTIONIST]
    if submission is None or policy not in names:
        raise InvalidInput(
            "unknown_policy",
            f"--policy {policy}: outbound calls are led by one of {', '.join(names)}; inbound ones by receptionist",
        )
    spec = replace(recorded.spec, submission=replace(submission, task_category=Category(policy)))
    return replace(recorded, call=replace(recorded.call, spec=spec))


def replay_one(recorded: RecordedCall, desk: Desk, *, folder: Path | None, realtime: bool) -> Replay:
    """One call, on the virtual clock or in real time; its files go to `folder`/NAME."""
    with call_folder(folder, recorded.name) as directory:
        call = replay(recorded, desk.engines(directory=directory))
        finished = asyncio.run(call) if realtime else run_virtual(call)
        if directory is not None:
            write_json(directory / "result.json", dict(finished.result))
    return finished


def _show(finished: Replay, folder: Path | None) -> None:
    screen = console.out()
    screen.rule(finished.recorded.name, style="dim")
    screen.print(report(finished.result))
    if folder is not None:
        screen.print(f"recording  {folder / finished.recorded.name / 'recording.wav'}", soft_wrap=True)


def _name_failures(done: Sequence[Replay]) -> None:
    screen = console.err()
    for finished in done:
        for failure in finished.failures:
            screen.print(Text(f"{finished.recorded.path}: {failure}"), soft_wrap=True)
