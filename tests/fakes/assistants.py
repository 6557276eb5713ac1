"""Assistants for tests: a prompt domain that only remembers what it was asked, rows of calls and numbers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.accounts import NOW
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.service import AssistantService, Forget
from voice_engine.domains.calls.models import Call
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork


@dataclass
class RememberedPrompts:
    """A `Prompting`. `asked` holds ("start", assistant's id) and ("refresh", sections, reason)
    and ("retell", reason)."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def start(self, work: UnitOfWork, assistant: Assistant, *, author: str) -> None:
        """Remember."""
        self.asked.append(("start", assistant.id))

    async def refresh(self, work: UnitOfWork, sections: Sequence[str], *, author: str, reason: str) -> None:
        """Remember."""
        self.asked.append(("refresh", tuple(sections), reason))

    async def retell(self, work: UnitOfWork, *, author: str, reason: str) -> None:
        """Remember."""
        self.asked.append(("retell", reason))


def assistant_service(
    prompts: RememberedPrompts | None = None, *, forget: Sequence[Forget] = ()
) -> AssistantService:
    """The service, at a time that stands still."""
    return AssistantService(prompts or RememberedPrompts(), now=lambda: NOW, forget=forget)


def call_of(assistant_id: str, *, at: dt.datetime = NOW) -> Call:
    """A call that this assistant answered."""
    return Call(
        id=new_id(),
        assistant_id=assistant_id,
        product="EPOCH",
        direction="inbound",
        status="success",
        created_at=at,
        timezone="America/New_York",
        language="en",
        app_language="en",
        max_seconds=600,
    )


def number_of(e164: str, assistant_id: str | None, *, at: dt.datetime = NOW) -> PhoneNumber:
    """A number that was bought, answered by this assistant."""
    return PhoneNumber(
        id=new_id(),
        e164=e164,
        type=NumberType.PROVISIONED,
        status=NumberStatus.ACTIVE,
        provider="local",
        country="US",
        capabilities={"voice": True},
        assistant_id=assistant_id,
        created_at=at,
    )
