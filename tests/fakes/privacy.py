"""Calls that leave something behind, in every table and place that privacy must know."""

import datetime as dt
import itertools
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tests.fakes.accounts import Account
from tests.fakes.calls import CALLEE, CALLER_ID, CallsRig, report
from voice_engine.domains.bookings.models import Booking, BookingState
from voice_engine.domains.calls.models import Call, CallEvent, CallTimeline, TranscriptEntry
from voice_engine.domains.calls.peaks import peaks_key
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound.models import InboundCall, RoutingRule, Voicemail
from voice_engine.domains.models import METADATA
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.service import Privacy
from voice_engine.ports.call import EngineEvent
from voice_engine.store.engine import Store
from voice_engine.store.rows import Row, new_id

BOOKED_FROM = dt.datetime(2031, 1, 6, 9, tzinfo=dt.UTC)
HALF_HOUR = dt.timedelta(minutes=30)


class PrivacyRig:
    """One organization with calls; `files` stands for the media process's disk."""

    def __init__(self, calls: CallsRig, files: CallFiles, privacy: Privacy) -> None:
        self.calls = calls
        self.store = calls.store
        self.account = calls.account
        self.files = files
        self.privacy = privacy
        self._times = (BOOKED_FROM + number * HALF_HOUR for number in itertools.count())

    async def held(self) -> Call:
        """An outbound call that booked a table, with its recording, its folder and its ledger line."""
        call, _ = await self.calls.answered()
        happened = [EngineEvent(sequence=1, at_ms=9, type="backchannel", facts={"pii_text": "Mm-hm."})]
        assert await self.calls.lifecycle.finish(call.id, report(call.id), None, events=happened)
        await self._keep(call.id, f"{call.organization_id}/recordings/{call.id}.wav")
        folder = self.files.calls / call.id
        folder.mkdir(parents=True)
        (folder / "transcript.json").write_text(json.dumps({"number": CALLEE}))
        return await self.calls.call(call.id)

    async def left_message(self, *, number: str = CALLEE, by: Account | None = None) -> Call:
        """An inbound call that booked a time and left a voicemail, from a contact."""
        who = by or self.account
        now = self.calls.clock()
        call = Call(
            id=new_id(),
            product="KALLY",
            direction="inbound",
            from_number=number,
            to_number=CALLER_ID,
            status=CallState.VOICEMAIL,
            created_at=now,
            started_at=now,
            ended_at=now,
            timezone="America/New_York",
            language="en",
            app_language="en",
            max_seconds=900,
            summary="Ada wants a call back.",
        )
        async with self.store.begin(who.organization_id) as work:
            await call_rows.add_call(work, call)
            contact = Contact(
                id=new_id(), name="Ada", folded_name="ada", phone_number=number, created_at=now, updated_at=now
            )
            work.session.add(contact)
            await work.session.flush()
            key = f"{call.organization_id}/voicemails/{call.id}.wav"
            work.session.add_all(
                [
                    InboundCall(
                        call_id=call.id,
                        number_id=new_id(),
                        caller_name="Ada",
                        contact_id=contact.id,
                        decision={"action": "voicemail", "config": {}},
                    ),
                    Voicemail(
                        id=new_id(),
                        call_id=call.id,
                        recording_sid=f"RE{new_id().replace('-', '')}",
                        blob_key=key,
                        caller_number=number,
                        caller_name="Ada",
                        duration_ms=4_000,
                        transcript="Please call me back.",
                        created_at=now,
                    ),
                ]
            )
        await self.calls.blobs.put(key, _audio())
        await self.booked(call, name="Ada", phone=number, by=who)
        return call

    async def booked(self, call: Call, *, name: str, phone: str, by: Account | None = None) -> Booking:
        """What this call booked, far ahead."""
        start = next(self._times)
        booking = Booking(
            id=new_id(),
            call_id=call.id,
            key=f"{call.id}:{start.isoformat()}",
            reference=new_id(),
            state=BookingState.BOOKED,
            starts_at=start,
            ends_at=start + HALF_HOUR,
            service="cleaning of teeth",
            name=name,
            phone=phone,
            booked_at=self.calls.clock(),
        )
        async with self.store.begin((by or self.account).organization_id) as work:
            work.session.add(booking)
        return booking

    async def ruled(self, **conditions: Any) -> str:
        """An active routing rule with these conditions; its id."""
        now = self.calls.clock()
        rule = RoutingRule(
            id=new_id(),
            name="Some go to voicemail",
            is_active=True,
            conditions=conditions,
            action="voicemail",
            action_config={},
            created_at=now,
            updated_at=now,
        )
        async with self.store.begin(self.account.organization_id) as work:
            work.session.add(rule)
        return rule.id

    async def rule(self, rule_id: str) -> RoutingRule:
        """A rule as it stands."""
        async with self.store.system("tests", writes=False) as work:
            found = await work.session.get(RoutingRule, rule_id)
        assert found is not None
        return found

    async def _keep(self, call_id: str, recording_key: str) -> None:
        await self.calls.blobs.put(recording_key, _audio())
        await self.calls.blobs.put(peaks_key(recording_key), _audio())
        async with self.store.system("tests") as work:
            await call_rows.set_recording(work, call_id, recording_key)

    async def said(self, call_id: str) -> int:
        """How many rows of what was said in a call are left."""
        async with self.store.system("tests", writes=False) as work:
            kinds = (TranscriptEntry, CallEvent, CallTimeline)
            return sum([len(await _of(work, kind, call_id)) for kind in kinds])

    async def everything(self) -> str:
        """Every row of every table as text: where a number stands that nobody thought of, it is found."""
        return await everything(self.store)


async def everything(store: Store) -> str:
    """Every row of every table of a database as text."""
    lines: list[str] = []
    async with store.system("tests", writes=False) as work:
        for table in METADATA.sorted_tables:
            rows = (await work.session.execute(sa.select(table))).all()
            lines.extend(f"{table.name}: {tuple(row)}" for row in rows)
    return "\n".join(lines)


async def _of(work: Any, table: type[Row], call_id: str) -> Sequence[Any]:
    statement = sa.select(table).where(sa.inspect(table).columns["call_id"] == call_id)
    rows: Sequence[Any] = (await work.session.scalars(statement)).all()
    return rows


async def _audio() -> Any:
    yield b"RIFF"
