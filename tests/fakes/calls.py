"""The calls of one installation: a clock moved by hand, a carrier in memory, jobs run by the test."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.fakes.accounts import NOW, Account, add_account
from tests.fakes.jobs import InlineAttempt, InlineJobs
from tests.fakes.telephony import FakeTelephony
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.bus.local import LocalBus
from voice_engine.domains.calls import words
from voice_engine.domains.calls.asking import Asked, NewCall
from voice_engine.domains.calls.assembly import build_calls, build_jobs
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.media import Capacity
from voice_engine.domains.calls.models import Call, CallAttempt, CallCommand, MediaProcess
from voice_engine.domains.calls.repository import attempts, commands
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import CallState, Product
from voice_engine.domains.calls.upkeep import ROUNDS
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.ports.call import (
    CallReport,
    Category,
    Counters,
    Disposition,
    Outcome,
    Status,
    TaskOutcome,
    TranscriptTurn,
)
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, OutboxRow, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import insert_once

CALLEE = "+14155551234"
"""San Francisco: half past seven in the morning at `NOW`, so tests that dial name a zone."""
CALLER_ID = "+15005550006"
PUBLIC_URL = "https://voice.example.com"
OWNER = "w1"

TURNS = (
    TranscriptTurn(index=0, speaker="AI", text="Hello, this is an AI.", start_ms=1_000, end_ms=3_000),
    TranscriptTurn(index=1, speaker="HUMAN", text="Nobu, good evening.", start_ms=3_500, end_ms=5_000),
)


class CallsRig:
    """One organization and its calls. `now` moves by hand; `jobs.run_due()` does what is due."""

    def __init__(self, store: Store, account: Account, settings: CallSettings, usage: UsageSettings, root: Path):
        self.store = store
        self.account = account
        self.now = NOW
        self.bus = LocalBus()
        store.announce = self.bus.publish
        self.telephony = FakeTelephony(now=self.clock)
        self.blobs = DirectoryBlobs(root / "blobs")
        self.usage = UsageService(Accounts(usage, self.clock))
        self.domain = build_calls(store, self.usage, settings, bus=self.bus, now=self.clock)
        self.service, self.lifecycle = self.domain.service, self.domain.lifecycle
        work = build_jobs(store, self.domain, telephony=self.telephony, blobs=self.blobs, now=self.clock)
        self.kinds = work.kinds
        self.jobs = InlineJobs(store, work.kinds, now=self.clock)

    def clock(self) -> dt.datetime:
        """The wall clock."""
        return self.now

    async def media_says(
        self, free: int, *, held: int = 0, draining: bool = False, owner: str = OWNER, before: int = 0
    ) -> int:
        """A process that holds calls beats: it holds `held` and has room for `free` more. How many dials ring."""
        now, was = Capacity(places=held + free, free=free, draining=draining), Capacity(places=before, free=before)
        return await self.domain.media.say(owner, owner, now, before=was)

    async def pass_s(self, seconds: float) -> None:
        """Let time pass and do what falls due."""
        self.now += dt.timedelta(seconds=seconds)
        await self.jobs.run_due()

    async def ask(self, new: NewCall | None = None, *, by: Account | None = None) -> Call:
        """Ask for a call."""
        who = by or self.account
        async with self.store.begin(who.organization_id) as work:
            created = await self.service.create(work, who.user_id, new or new_call())
        return created.call

    async def call(self, call_id: str) -> Call:
        """The call as it stands."""
        async with self.store.system("tests", writes=False) as work:
            found = await call_rows.find_call(work, call_id)
        assert found is not None
        return found

    async def attempt(self, call_id: str) -> CallAttempt:
        """The call's newest dial."""
        async with self.store.system("tests", writes=False) as work:
            found = await attempts.find_latest(work, call_id)
        assert found is not None
        return found

    async def dialled(self, new: NewCall | None = None) -> tuple[Call, CallAttempt]:
        """Ask for a call and have it placed."""
        call = await self.ask(new)
        await self.jobs.run_due()
        return await self.call(call.id), await self.attempt(call.id)

    async def answered(self, new: NewCall | None = None) -> tuple[Call, CallAttempt]:
        """Ask for a call, have it placed and answered."""
        call, attempt = await self.dialled(new)
        sid = attempt.provider_sid
        assert sid is not None
        assert await self.lifecycle.find_outbound(call.id, attempt.id, sid) is not None
        self.telephony.set_status(sid, CallStatus.IN_PROGRESS)
        assert await self.lifecycle.answered(call.id, sid, self.now, owner=OWNER)
        return await self.call(call.id), attempt

    async def says(self, attempt: CallAttempt, status: CallStatus, **fields: Any) -> None:
        """The carrier calls back about a dial."""
        sid = fields.pop("call_sid", None) or attempt.provider_sid
        assert sid is not None
        await self.lifecycle.carrier_status(
            CarrierReport(call_sid=sid, status=status, call_id=attempt.call_id, attempt_id=attempt.id, **fields)
        )

    async def dialled_without_answer(self) -> tuple[Call, CallAttempt]:
        """Ask for a call whose order the carrier takes without our hearing of it."""
        self.telephony.lose_next_answer()
        call = await self.ask()
        await self.jobs.run_due()
        return await self.call(call.id), await self.attempt(call.id)

    async def inbound(self) -> Call:
        """A call that comes in to the account, ringing."""
        row = Call(
            id=new_id(),
            product=Product.KALLY,
            direction="inbound",
            provider_sid=self.telephony.add_inbound(to=CALLER_ID, from_number=CALLEE),
            from_number=CALLEE,
            to_number=CALLER_ID,
            status=CallState.RINGING,
            created_at=self.now,
            started_at=self.now,
            timezone="America/New_York",
            language="en",
            app_language="en",
            max_seconds=900,
        )
        async with self.store.begin(self.account.organization_id) as work:
            return await call_rows.add_call(work, row)

    async def run_job(self, row: OutboxRow, *, attempt: int) -> None:
        """Run a job as a worker would, without the test's safety nets."""
        kind = next(kind for kind in self.kinds if kind.name == row.kind)
        await kind.handler.run(row.payload, InlineAttempt(job_id=row.id, number=attempt, most=9))

    async def dial_job(self, call_id: str) -> OutboxRow:
        """The waiting job that dials this call."""
        rows = await self.jobs.waiting(words.DIAL)
        return next(row for row in rows if row.payload.get("call_id") == call_id)

    async def grant(self, credits: int) -> None:
        """Give the account credits beside its plan's."""
        async with self.store.begin(self.account.organization_id) as work:
            await self.usage.grant_bonus(work, "tests", Decimal(credits), description="tests")

    async def forget_job(self, row: OutboxRow) -> None:
        """The worker that had this job is gone, and nobody takes it over."""
        async with self.store.system("tests") as work:
            await work.session.execute(sa.update(OutboxRow).where(OutboxRow.id == row.id).values(taken_at=self.now))

    async def reap(self) -> None:
        """Have the reaper come once, who came all along before, and do what it finds to do."""
        async with self.store.system("tests") as work:
            for before in range(1, 5):
                await self._slot(work, self.now - dt.timedelta(seconds=before * ROUNDS.every_s), taken=True)
            await enqueue(work, Job(kind=words.REAP))
        await self.jobs.run_due()

    async def reap_by_calendar(self) -> None:
        """Have the reaper come because its time has come, and do what it finds to do."""
        async with self.store.system("tests") as work:
            await self._slot(work, self.now)
        await self.jobs.run_due()

    async def _slot(self, work: UnitOfWork, at: dt.datetime, *, taken: bool = False) -> None:
        row = {"id": new_id(), "kind": ROUNDS.kind, "payload": {}, "key": ROUNDS.key(ROUNDS.slot(at))}
        times = {"created_at": at, "taken_at": at if taken else None}
        await insert_once(work, OutboxRow, {**row, **times})

    async def command(self, command_id: str) -> CallCommand:
        """A command row as it stands."""
        async with self.store.system("tests", writes=False) as work:
            found = await commands.find(work, command_id)
        assert found is not None
        return found

    async def balance(self) -> tuple[str, str]:
        """Credits used and credits held, of this period."""
        async with self.store.begin(self.account.organization_id) as work:
            running = await self.usage.accounts.running(work)
        return str(running.balance.used), str(running.balance.held)


def new_call(**fields: Any) -> NewCall:
    """A request that passes every check at `NOW`; fields of the submission by their names, or of the request."""
    request = {key: fields.pop(key) for key in ("session_id", "scheduled_at", "goal_id") if key in fields}
    zone = fields.pop("timezone", "America/New_York")
    asked: Mapping[str, Any] = {
        "task_category": Category.RESTAURANT,
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": CALLEE,
        "business_name": "Nobu",
        "user_name": "John Smith",
        "party_size": 4,
        "appointment_date": "2026-02-14",
        "appointment_time": "20:00",
        **fields,
    }
    return NewCall(asked=Asked(**asked), timezone=zone, **request)


def body(**fields: Any) -> dict[str, Any]:
    """The same request on the wire; a field given as `...` is left out."""
    submission: dict[str, Any] = {
        "task_category": "restaurant",
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": CALLEE,
        "business_name": "Nobu",
        "user_name": "John Smith",
        "party_size": 4,
        "appointment_date": "2026-02-14",
        "appointment_time": "20:00",
        "language": "en",
    }
    top: dict[str, Any] = {"timezone": "America/New_York"}
    for key, value in fields.items():
        (top if key in {"timezone", "session_id", "scheduled_at", "goal_id"} else submission)[key] = value
    submission = {key: value for key, value in submission.items() if value is not ...}
    return {"submission": submission, **{key: value for key, value in top.items() if value is not ...}}


def report(call_id: str, *, seconds: float = 95.2, credits: str = "1.2", **outcome: Any) -> CallReport:
    """The engine's report of a call that booked a table, or of whatever `outcome` says."""
    facts: dict[str, Any] = {
        "status": Status.SUCCESS,
        "disposition": Disposition.COMPLETED,
        "task_outcome": TaskOutcome.ACHIEVED,
        "highlights": ("Reserved a table for 4 at 8pm on Feb 14.",),
        "next_steps": ("Confirmation number 12345.",),
        "agreed": {"date": "2026-02-14", "time": "20:00"},
        **outcome,
    }
    return CallReport(
        call_id=call_id,
        direction="outbound",
        language="en",
        outcome=Outcome(**facts),
        duration_seconds=seconds,
        credits_used=credits,
        turns=TURNS,
        counters=Counters(),
        ics="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" if facts["task_outcome"] is TaskOutcome.ACHIEVED else None,
    )


async def add_media(store: Store) -> None:
    """A process that holds calls, with more room than any test needs, and whose heart beats by itself."""
    async with store.system("tests") as work:
        row = {"owner": OWNER, "worker": OWNER, "places": 1_000, "draining": False, "started_at": NOW}
        await insert_once(work, MediaProcess, {**row, "seen_at": NOW + dt.timedelta(days=3_650)})


async def open_calls(
    store: Store,
    root: Path,
    *,
    plan: PlanType = PlanType.PRO,
    timezone: str = "America/New_York",
    usage: UsageSettings | None = None,
    **settings: Any,
) -> CallsRig:
    """A rig for one new account; `settings` are `CallSettings`' own."""
    account = await add_account(store, timezone=timezone)
    stated = CallSettings(**{"public_url": PUBLIC_URL, "caller_id": CALLER_ID, **settings})
    await add_media(store)
    return CallsRig(store, account, stated, usage or UsageSettings(default_plan=plan), root)
