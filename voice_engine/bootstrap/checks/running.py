"""`doctor` on a server that runs: what the command looks at, told as it is found, without changing anything."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import structlog

from voice_engine.bootstrap.checks import carrier, reach, storage
from voice_engine.bootstrap.checks.machine import machine, packages, places, providers, speech
from voice_engine.bootstrap.service import Service
from voice_engine.ports.doctor import Finding, problem
from voice_engine.web.settings import WebSettings

LONGEST_S = 30.0
"""Of one part: every request in it has a shorter time of its own."""

Part = Callable[[], Awaitable[list[Finding]]]

_log = structlog.get_logger(__name__)


class ServiceDoctor:
    """`Doctor` of one process. `web` says where it is reached."""

    def __init__(self, service: Service, web: WebSettings) -> None:
        self._service = service
        self._web = web

    async def examine(self) -> AsyncIterator[Finding]:
        """Everything, part by part. A part that breaks is a finding of its own."""
        for name, part in self._parts():
            try:
                async with asyncio.timeout(LONGEST_S):
                    findings = await part()
            except TimeoutError:
                findings = [problem(name, f"no answer within {LONGEST_S:.0f} s", "see the log, and try again")]
            except Exception as error:  # noqa: BLE001  # the edge of one part: the others are looked at
                _log.exception("doctor.part_failed", part=name)
                findings = [problem(name, type(error).__name__, "see the log")]
            for finding in findings:
                yield finding

    def _parts(self) -> list[tuple[str, Part]]:
        settings, built_in = self._service.settings, self._service.place.account.generated
        parts: list[tuple[str, Part]] = [
            ("machine", partial(_in_thread, lambda: [*machine(), *packages()])),
            ("speech", partial(_in_thread, partial(speech, quick=True))),
            ("providers", partial(_in_thread, partial(providers, settings))),
            ("places", partial(_in_thread, partial(places, settings, served_at=self._service.place.public_url))),
            ("storage", partial(storage.storage, settings, now=_now())),
            ("carrier", self._carrier),
            ("reach", self._reach),
        ]
        if not built_in:
            base = settings.twilio.api_base_url or "https://api.twilio.com"
            parts.append(("clock", partial(_clock, base)))
        return parts

    async def _carrier(self) -> list[Finding]:
        place = self._service.place
        telephony = self._service.telephony
        return await carrier.carrier(
            telephony, public_url=place.public_url, built_in=place.account.generated, fix=False
        )

    async def _reach(self) -> list[Finding]:
        account = self._service.place.account
        return await reach.reach(self._web, account.account_sid, now=_now(), outside=not account.generated)


async def _in_thread(look: Callable[[], list[Finding]]) -> list[Finding]:
    return await asyncio.get_running_loop().run_in_executor(None, look)


async def _clock(base: str) -> list[Finding]:
    return [await reach.clock(base, now=_now())]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
