"""`voice-engine carrier`: the built-in carrier as a process of its own, with its REST API on loopback.

`serve` starts one while there are no credentials of a real carrier. Who is at which number stands in
`carrier/lines.yaml` of the data directory; every other number is answered by a default person.
"""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from voice_engine.carrier.rest.app import build_app
from voice_engine.carrier.rest.carrier import CarrierSettings, open_carrier
from voice_engine.carrier.rest.directory import Directory
from voice_engine.carrier.rest.server import bind, listening
from voice_engine.carrier.rest.voice import TTSVoice
from voice_engine.cli.calls import read_settings
from voice_engine.cli.loops import fast_loop
from voice_engine.cli.respondents import Respondents
from voice_engine.cli.serving.children import orphaned
from voice_engine.config import Settings
from voice_engine.providers import SpeechContext, open_tts
from voice_engine.web.account import CarrierAccount, local_account

LINES_FILE = Path("carrier") / "lines.yaml"

_log = structlog.get_logger(__name__)


def run(*, as_json: bool, supervised: bool) -> int:
    """Carry calls until a signal, or, `supervised`, until the parent is gone. Raises InvalidInput."""
    settings = read_settings({"log.format": "json" if as_json else None})
    account = local_account(settings.data_dir)
    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        runner.run(_carry(settings, account, supervised=supervised))
    return 0


async def _carry(settings: Settings, account: CarrierAccount, *, supervised: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    context = SpeechContext()
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(orphaned(stop.set, supervised=supervised))
            url = await _open(stack, settings, account, context)
            _log.info("carrier.started", url=url, page=f"{url}/carrier", lines=str(settings.data_dir / LINES_FILE))
            await stop.wait()
    finally:
        await context.aclose()
    _log.info("carrier.stopped")


async def _open(stack: AsyncExitStack, settings: Settings, account: CarrierAccount, context: SpeechContext) -> str:
    listener, url = bind(settings.carrier.host, settings.carrier.port)
    tts = open_tts("local", context)
    people = Respondents(context, tts)
    directory = Directory(settings.data_dir / LINES_FILE, tts=tts, ears=people.ears)
    carrier = await stack.enter_async_context(
        open_carrier(
            CarrierSettings(
                data_dir=settings.data_dir / "carrier",
                auth_token=account.auth_token,
                account_sid=account.account_sid,
                base_url=url,
                first_numbers=(settings.carrier.number,),
            ),
            reach=directory,
            voice=TTSVoice(tts),
        )
    )
    await stack.enter_async_context(listening(build_app(carrier), listener))
    return url
