"""The inbound calls of one installation, on top of its calls' rig: a number, and callers who ring it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.accounts import Account
from tests.fakes.calls import PUBLIC_URL, CallsRig, open_calls
from tests.fakes.jobs import InlineJobs
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository.commands import Order
from voice_engine.domains.contacts.importing import ContactImport
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.service import ContactService
from voice_engine.domains.inbound.assembly import build_inbound, build_inbound_jobs
from voice_engine.domains.inbound.decisions import Decision
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.repository import calls as inbound_rows
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.rules import NewRule
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.ports.call import CallReport, Counters, Disposition, Outcome, Status, TranscriptTurn
from voice_engine.ports.contacts import AddressBook
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

OURS = "+14155550100"
CALLER = "+12125550199"
TARGET = "+16465550123"
OWNER = "w1"
VOICE_URL = f"{PUBLIC_URL}/v1/webhooks/twilio/voice"

TURNS = (
    TranscriptTurn(index=0, speaker="AI", text="Hello, Ada's assistant.", start_ms=500, end_ms=2_000),
    TranscriptTurn(index=1, speaker="HUMAN", text="Please call me back.", start_ms=2_500, end_ms=4_000),
)

_sids = itertools.count(1)


def new_sid() -> str:
    """A carrier's id of a call that nobody has seen."""
    return f"CA{next(_sids):032x}"


class InboundRig:
    """One organization, its number and its callers. The clock and the carrier are the calls' rig's."""

    def __init__(self, calls: CallsRig, settings: InboundSettings) -> None:
        self.calls = calls
        self.store = calls.store
        self.account = calls.account
        self.targets: list[str] = []
        self.domain = build_inbound(
            calls.store,
            calls.domain,
            settings,
            telephony=calls.telephony,
            blobs=calls.blobs,
            bus=calls.bus,
            default_target=self._default_target,
            voice_url=VOICE_URL,
            now=calls.clock,
        )
        self.reception = self.domain.reception
        self.contacts = ContactService(now=calls.clock)
        self.box = SecretBox(b"s" * 32)
        self.books: dict[str, AddressBook] = {}
        self.imports = ContactImport(calls.store, self.box, self.books, now=calls.clock)
        self.said: str | None = "Hi, please call me back about Thursday."
        kinds = build_inbound_jobs(
            calls.store,
            calls.domain,
            telephony=calls.telephony,
            blobs=calls.blobs,
            now=calls.clock,
            transcribe=self._transcribe,
        )
        self.jobs = InlineJobs(calls.store, [*calls.kinds, *kinds], now=calls.clock)

    async def _default_target(self, _work: UnitOfWork) -> str | None:
        return next(iter(self.targets), None)

    async def _transcribe(self, _audio: bytes, _language: str) -> str | None:
        return self.said

    async def add_number(self, e164: str = OURS, *, by: Account | None = None, **columns: Any) -> PhoneNumber:
        """Give the organization a number at the carrier."""
        who = by or self.account
        number = PhoneNumber(
            id=new_id(),
            user_id=who.user_id,
            e164=e164,
            type=NumberType.PROVISIONED,
            status=NumberStatus.ACTIVE,
            provider="twilio",
            country="US",
            capabilities={"voice": True},
            verified_at=self.calls.now,
            created_at=self.calls.now,
            **columns,
        )
        async with self.store.begin(who.organization_id) as work:
            work.session.add(number)
        return number

    async def add_rule(self, name: str = "rule", action: str = "ai_answer", **fields: Any) -> RoutingRule:
        """Keep a routing rule."""
        async with self.store.begin(self.account.organization_id) as work:
            return await self.domain.rules.create(work, NewRule(name=name, action=action, **fields))

    async def add_contact(self, number: str = CALLER, name: str = "John Smith", *, is_vip: bool = False) -> Contact:
        """Know somebody."""
        contact = Contact(
            id=new_id(),
            name=name,
            folded_name=name.casefold(),
            phone_number=number,
            is_vip=is_vip,
            source="manual",
            created_at=self.calls.now,
            updated_at=self.calls.now,
        )
        async with self.store.begin(self.account.organization_id) as work:
            work.session.add(contact)
        return contact

    async def ring(
        self, caller: str = CALLER, called: str = OURS, *, sid: str | None = None, **after: Any
    ) -> Decision:
        """Somebody calls; what becomes of it."""
        return await self.reception.receive(sid or new_sid(), caller, called, at=self.calls.now, **after)

    async def record(self, sid: str) -> Record:
        """The call's record."""
        async with self.store.begin(self.account.organization_id) as work:
            found = await inbound_rows.find_by_sid(work, sid)
        assert found is not None
        return found

    async def talk(self, caller: str = CALLER, *, called: str = OURS, **outcome: Any) -> Record:
        """Somebody calls and talks with the receptionist to the end."""
        sid = new_sid()
        await self.ring(caller, called, sid=sid)
        call_id = (await self.record(sid)).call.id
        assert await self.calls.lifecycle.answered(call_id, sid, self.calls.now, owner=OWNER)
        assert await self.calls.lifecycle.finish(call_id, report(call_id, **outcome), None)
        return await self.record(sid)

    async def answered(self, caller: str = CALLER) -> Record:
        """Somebody calls and talks with the receptionist now."""
        sid = new_sid()
        await self.ring(caller, sid=sid)
        record = await self.record(sid)
        assert await self.calls.lifecycle.answered(record.call.id, sid, self.calls.now, owner=OWNER)
        return await self.record(sid)


def report(call_id: str, *, seconds: float = 42.0, credits: str = "1.1", **outcome: Any) -> CallReport:
    """The engine's report of a call in which a message was left, or of whatever `outcome` says."""
    facts: dict[str, Any] = {
        "status": Status.COMPLETED,
        "disposition": Disposition.COMPLETED,
        "highlights": ("Message from John Smith: “Please call me back”.",),
        "next_steps": ("Call John Smith back at +12125550199.",),
        **outcome,
    }
    return CallReport(
        call_id=call_id,
        direction="inbound",
        language="en",
        outcome=Outcome(**facts),
        duration_seconds=seconds,
        credits_used=credits,
        turns=TURNS,
        counters=Counters(),
    )


async def open_inbound(
    store: Store, root: Path, *, calls: dict[str, Any] | None = None, **settings: Any
) -> InboundRig:
    """A rig for one new account; `settings` are `InboundSettings`' own, `calls` those of the calls' rig."""
    return InboundRig(await open_calls(store, root, **(calls or {})), InboundSettings(**settings))


async def open_mailbox(store: Store, root: Path) -> InboundRig:
    """A rig whose callers all leave messages."""
    rig = await open_inbound(store, root)
    await rig.add_number()
    await rig.add_rule(action="voicemail")
    return rig


@asynccontextmanager
async def orders_taken(
    rig: InboundRig, call: Call, *, error: str | None = None, ends: dict[str, Any] | None = None
) -> AsyncIterator[list[Order]]:
    """The process that holds the call: takes each order, says how it went, and ends the call by `ends`."""
    taken: list[Order] = []

    async def work() -> None:
        while True:
            for order in await rig.calls.lifecycle.commands_for(OWNER, [call.id]):
                taken.append(order)
                await rig.calls.lifecycle.acknowledge(order.id, result=None if error else {}, error=error)
                if ends is not None and error is None:
                    await rig.calls.lifecycle.finish(call.id, report(call.id, **ends), None)
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work())
        try:
            yield taken
        finally:
            task.cancel()
