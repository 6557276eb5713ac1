"""A first start: the carrier's number is led here, the operator is told how to begin and gets that number."""

import asyncio

import structlog

from voice_engine.bootstrap.identity import first_sign_in_url
from voice_engine.bootstrap.service import Service
from voice_engine.cli.console import err
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.errors import UpstreamFailed, VoiceEngineError
from voice_engine.ports.telephony import NumberSettings
from voice_engine.web.settings import CALLBACK_PATHS, VOICE_PATHS

CARRIER_WAIT_S = 60.0
"""How long the built-in carrier may take to start: it reads voices."""
LOOK_EVERY_S = 2.0

_log = structlog.get_logger(__name__)


async def welcome(service: Service) -> None:
    """Ends when there is an account with a number; safe to be cancelled and to run at every start."""
    built_in = service.place.carrier_url is not None
    if built_in:
        await lead_number_here(service)
    await service.identity.forget_expired()
    link = await first_sign_in_url(service.identity)
    if link is not None:
        # To the terminal and not to the log: whoever has the link is the operator.
        err().print(
            f"\nMake the first account (once, within 15 minutes):\n  {link}\n", soft_wrap=True, markup=False
        )
    operator = await _first_account(service)
    if built_in:
        await give_number(service, operator)


async def lead_number_here(service: Service) -> None:
    """Set the built-in carrier's number to our webhooks; its process may still be starting."""
    public, telephony = service.place.public_url, service.telephony
    wanted = NumberSettings(
        voice_url=f"{public}{VOICE_PATHS[0]}", status_url=f"{public}{CALLBACK_PATHS['status'][0]}"
    )
    try:
        async with asyncio.timeout(CARRIER_WAIT_S):
            while True:
                try:
                    number = await telephony.find_number(service.settings.carrier.number)
                    break
                except UpstreamFailed:
                    await asyncio.sleep(0.3)
        if number is not None:
            await telephony.configure_number(number.number_sid, wanted)
            _log.info("carrier.number_ready", number=number.e164)
    except (TimeoutError, UpstreamFailed):
        _log.error("carrier.unreachable", url=service.place.carrier_url)


async def give_number(service: Service, operator: User) -> None:
    """Have the first account answer the built-in carrier's number."""
    try:
        number = await service.numbers.first.provision_first(
            operator.organization_id, "US", owned=service.settings.carrier.number, user_id=operator.id
        )
    except VoiceEngineError as error:
        _log.error("number.not_given", code=error.code, reason=error.message)
    else:
        _log.info("number.first_ready", number=number.e164)


async def _first_account(service: Service) -> User:
    while True:
        async with service.store.system("who signed up first", writes=False) as work:
            first = await accounts.find_first(work)
            if first is not None:
                work.session.expunge_all()
                return first
        await asyncio.sleep(LOOK_EVERY_S)
