"""`voice-engine serve`: the whole service on one port, or its media role alone, until SIGTERM and the drain."""

import asyncio
import gc
import time
from collections.abc import Mapping
from typing import Literal

import structlog

from voice_engine.bootstrap import Providers
from voice_engine.cli.calls import open_desk, read_settings
from voice_engine.cli.loops import fast_loop
from voice_engine.cli.serving.address import announced
from voice_engine.cli.serving.media import read_assistant, serve_media
from voice_engine.cli.serving.place import carrier_account, listen
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallSpec
from voice_engine.web.server import bind

Role = Literal["all", "media"]

_log = structlog.get_logger(__name__)


def read_role(name: str) -> Role:
    """The role of this name. Raises InvalidInput `unknown_role`."""
    match name:
        case "all" | "media":
            return name
    raise InvalidInput("unknown_role", f"--role {name}: choose all or media")


def run(*, host: str, port: int, role: Role, as_json: bool, overrides: Mapping[str, str | None]) -> int:
    """Serve until a signal; 0 after the drain. Raises InvalidInput, UpstreamFailed."""
    wanted = {**overrides, "log.format": "json" if as_json else None}
    settings = read_settings(wanted)
    template = read_assistant(settings.assistant)
    account = carrier_account(settings)
    with (
        open_desk(wanted) as desk,
        bind(host, port) as listener,
        asyncio.Runner(loop_factory=fast_loop()) as runner,
    ):
        if role == "all":
            from voice_engine.cli.serving.whole import prepare, serve_whole  # what it imports takes 2 s

            prepare(settings)
        load_models(desk.providers)
        rehearse(template)
        listening = listen(settings, account, listener, desk.providers)
        try:
            with announced(settings.data_dir, listening.address):
                if role == "all":
                    runner.run(serve_whole(settings, desk.providers, listening, as_json=as_json))
                else:
                    runner.run(serve_media(settings, desk.providers, template, listening))
        finally:
            runner.run(desk.providers.aclose())
    _log.info("serve.stopped")
    return 0


def load_models(providers: Providers) -> None:
    """Read the local models before the first call comes: no call waits for them, and a broken one is found now."""
    if providers.max_calls is None:
        return
    started_s = time.monotonic()
    _log.info("speech.loading")
    providers.load()
    # What is loaded stays: without this, each full collection walks through it and holds the loop for as long.
    gc.collect()
    gc.freeze()
    _log.info("speech.loaded", seconds=round(time.monotonic() - started_s, 1))


def rehearse(template: CallSpec) -> None:
    """Hold a word with the dialogue before the first call: what it makes only once stops the loop for 15 ms."""
    conversation = Conversation(template)
    conversation.open(0.0)
    conversation.on_utterance("hello", start_ms=0, end_ms=1, turn=0, now_ms=1.0)
