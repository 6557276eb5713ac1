"""Who answers an organization's calls, and what the engine is told: whichever way the caller came.

A business has its assistant (`domains/answering`), anybody else the receptionist of their own settings.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization, OrganizationKind
from voice_engine.domains.answering.composing import Occasion
from voice_engine.domains.answering.service import Answering
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.states import Product
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.composing import House, Wishes, as_language, receptionist
from voice_engine.domains.inbound.repository import calls
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.ports.call import CallSpec
from voice_engine.store.uow import UnitOfWork


class Answerer:
    """Methods run inside the organization's unit of work and write nothing."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def columns(
        self, work: UnitOfWork, organization: Organization, *, assistant_id: str | None, user_id: str | None
    ) -> dict[str, Any]:
        """Who would answer, as columns of the call: a business's assistant, or the owner's own receptionist.

        Args:
            assistant_id: the called number's own assistant; None: the primary one.
            user_id: whose number is called.
        """
        if organization.kind == OrganizationKind.BUSINESS:
            assistant = await self._answering.choose(work, organization, assistant_id)
            language = as_language(assistant.language if assistant else organization.locale) or "en"
            return {
                "assistant_id": assistant.id if assistant else None,
                "product": Product.EPOCH,
                "language": language,
                "app_language": as_language(organization.locale) or language,
                "record": True,
            }
        house = await self.house(work, organization, user_id)
        return {
            "assistant_id": assistant_id,
            "product": Product.KALLY,
            "language": house.language,
            "app_language": house.language,
            "record": house.settings.record if house.settings else True,
        }

    async def assistant_of(self, work: UnitOfWork, organization: Organization, call: Call) -> Assistant | None:
        """The assistant that takes a business's call; None: there is none, or a personal receptionist answers."""
        if call.product != Product.EPOCH:
            return None
        return await self._answering.choose(work, organization, call.assistant_id)

    async def spec(
        self,
        work: UnitOfWork,
        call: Call,
        *,
        user_id: str | None,
        wishes: Wishes,
        at: dt.datetime,
        max_seconds: int,
    ) -> CallSpec:
        """What the engine is told of this call, from the settings as they are now.

        Args:
            user_id: who is answered for, where a personal receptionist answers.
            wishes: those of the rule or the person that sent the call here.
            at: now, aware.
            max_seconds: what the account pays for.
        """
        organization = await accounts.get_organization(work, work.organization_id)
        assistant = await self.assistant_of(work, organization, call)
        if assistant is not None:
            occasion = Occasion(
                call_id=call.id,
                direction="inbound",
                at=at,
                other=call.from_number,
                max_seconds=max_seconds,
                record=call.record,
            )
            return await self._answering.spec(work, organization, assistant, occasion=occasion, wishes=wishes)
        house = await self.house(work, organization, user_id)
        spec = receptionist(house, wishes, call_id=call.id, caller=call.from_number, at=at, max_seconds=max_seconds)
        return replace(spec, calendar_scope=organization.id)

    async def house(self, work: UnitOfWork, organization: Organization, user_id: str | None) -> House:
        """Whom a personal receptionist answers for, or a message is left for."""
        name = organization.name.strip()
        if user_id is not None and organization.kind != OrganizationKind.BUSINESS:
            user = await accounts.get(work, user_id)
            name = user.name.strip() or name
        return House(
            name=None if not name or "@" in name else name,
            timezone=organization.timezone,
            locale=organization.locale,
            settings=await calls.find_settings(work),
        )


def rings(record: Record) -> Happening:
    """What is told of a call at the door."""
    payload = {
        "caller_number": record.call.from_number,
        "caller_name": record.inbound.caller_name,
        "is_vip": record.inbound.is_vip,
        "to_number": record.call.to_number,
    }
    return Happening(type=words.RINGING, at=record.call.created_at, payload=payload)
