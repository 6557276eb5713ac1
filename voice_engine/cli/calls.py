"""What the commands that hold calls in this process share: settings, providers, engines, output folders."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice_engine.bootstrap import Providers, call_services, open_providers
from voice_engine.carrier.callfile import CallFile
from voice_engine.carrier.simulate import Engine, EngineFactory
from voice_engine.config import Settings, load_settings
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import EngineEvent
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.single import SingleCall
from voice_engine.telemetry.logging import configure_logging

Watch = Callable[[EngineEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The settings of one command and the providers that its calls share."""

    settings: Settings
    providers: Providers

    def engines(
        self,
        *,
        directory: Path | None = None,
        watch: Watch | None = None,
        made: Callable[[SingleCall], None] | None = None,
    ) -> EngineFactory:
        """A factory of engines whose calls keep their files in `directory`; `made` sees each one."""

        def make(call: CallFile, control: CallControl, tasks: asyncio.TaskGroup) -> Engine:
            services = call_services(self.settings, self.providers, call.spec, control)
            single = SingleCall(call.spec, services, tasks, directory=directory, watch=watch)
            if made is not None:
                made(single)
            return single

        return make


def read_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process, logging set up from them. Raises InvalidInput."""
    settings = load_settings(overrides=overrides)
    there = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    if not there.is_dir():
        raise InvalidInput("unwritable_output", f"VOICE_ENGINE_DATA_DIR: {there} is a file; name a folder")
    log = settings.log
    configure_logging(output=log.format, level=log.level, personal_data=log.personal_data)
    return settings


@contextmanager
def open_desk(overrides: Mapping[str, Any] | None = None) -> Iterator[Desk]:
    """Settings and providers for the length of a command. Raises InvalidInput."""
    settings = read_settings(overrides)
    providers = open_providers(settings)
    try:
        yield Desk(settings=settings, providers=providers)
    finally:
        providers.close()


def existing(paths: list[Path]) -> list[Path]:
    """The paths, all of them there. Raises InvalidInput: `no_such_file`."""
    for path in paths:
        if not path.exists():
            raise InvalidInput("no_such_file", f"{path}: no such file or folder")
    return paths


def output_folder(out: Path | None, names: Iterable[str] = ()) -> Path | None:
    """The folder for results, made and tried before any work is done. `names`: the calls that go into it.

    Raises InvalidInput: `unwritable_output`.
    """
    if out is None:
        return None
    for name in names:
        if (out / name).exists() and not (out / name).is_dir():
            raise InvalidInput("unwritable_output", f"{out / name}: a file is in the way; move it or change --out")
    probe = out / ".voice-engine-probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_text("", "utf-8")
        probe.unlink()
    except OSError as error:
        raise InvalidInput("unwritable_output", f"cannot write into {out}: {error.strerror}") from error
    return out


@contextmanager
def call_folder(folder: Path | None, name: str) -> Iterator[Path | None]:
    """The folder of one call. A new one goes again when the call is broken off: half a call is no result."""
    if folder is None:
        yield None
        return
    directory = folder / name
    new = not directory.exists()
    try:
        yield directory
    except BaseException:
        if new:
            shutil.rmtree(directory, ignore_errors=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write one JSON document whole or not at all. Raises InvalidInput: `unwritable_output`."""
    scratch = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
        scratch.replace(path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise InvalidInput("unwritable_output", f"cannot write {path}: {error.strerror}") from error
