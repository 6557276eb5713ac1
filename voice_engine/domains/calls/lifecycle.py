"""What the media process and the carrier's webhooks tell of a call: each word in a unit of work of its own.

Ids come in, values go out, so that a caller needs no open transaction. Every method may be called again with the
same words, in any order: a call is answered once, ends once and is billed once.
"""

import asyncio
import datetime as dt
import wave
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import structlog

from voice_engine.domains.calls import reporting, words
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.composing import ComposeAssistant, outbound_spec, snapshot
from voice_engine.domains.calls.dials import UNDIALLED, bind_sid, free_sid, is_open
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.live import happenings_of, lines_of, tool_uses_of
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import attempts, calls, commands, journal
from voice_engine.domains.calls.repository.commands import Order
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import LIVE, AttemptState, CallState, Channel, CommandKind, Product
from voice_engine.domains.calls.timeline import timeline_of
from voice_engine.errors import Conflict
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.uow import UnitOfWork

T = TypeVar("T")

OVER = frozenset(status for status in CallStatus if status.over)

_log = structlog.get_logger(__name__)


class CallLifecycle:
    """`now` is the wall clock, in UTC."""

    def __init__(
        self,
        store: Store,
        endings: Endings,
        settings: CallSettings,
        now: Callable[[], dt.datetime],
        *,
        compose_assistant: ComposeAssistant,
    ) -> None:
        self._compose_assistant = compose_assistant
        self._store = store
        self._endings = endings
        self._settings = settings
        self._now = now

    async def find_outbound(self, call_id: str, attempt_id: str, call_sid: str) -> CallSpec | None:
        """What to talk about on a call of ours that somebody answered; the dial learns its carrier id by it.

        None: no such dial, another carrier id, or the call is not (or no longer) to be held: hang up.
        """
        try:
            return await self._find_outbound(call_id, attempt_id, call_sid)
        except Conflict:  # another dial was thought to have this id, and here it names its own
            await free_sid(self._store, call_sid)
            return await self._find_outbound(call_id, attempt_id, call_sid)

    async def turn_away(self, call_id: str, attempt_id: str, call_sid: str) -> bool:
        """Somebody answered a call of ours and no process has room to talk: it fails, uncharged; whether it did.

        It is not dialled again by itself: who was rung for nothing once is not rung by a machine a second time
        unless the call's owner asks for it, and they learn it at once.
        """
        try:
            return await self._turn_away(call_id, attempt_id, call_sid)
        except Conflict:  # as in find_outbound
            await free_sid(self._store, call_sid)
            return await self._turn_away(call_id, attempt_id, call_sid)

    async def answered(self, call_id: str, call_sid: str, at: dt.datetime, *, owner: str) -> bool:
        """The call's media are up in the process `owner`; False: it has ended or is to end, so hang up."""
        async with open_call(self._store, call_id) as opened:
            if opened is None or opened[1].status not in LIVE or opened[1].stop_requested_at is not None:
                return False
            work, call = opened
            values = {"status": CallState.IN_PROGRESS, "owner": owner, "owner_seen_at": self._now()}
            if call.channel == Channel.PSTN:  # any other has no leg that the carrier could be asked about
                values["provider_sid"] = call_sid
            if call.answered_at is None:
                values["answered_at"] = at
            await calls.change(work, call.id, when=LIVE, **values)
            dial = await attempts.find_by_sid(work, call_sid)
            if dial is not None:
                placed = (*UNDIALLED, AttemptState.PLACED)
                await attempts.change(work, dial.id, when=placed, state=AttemptState.ANSWERED, answered_at=at)
            if call.answered_at is None:
                await self._endings.tell(work, call, Happening(type="call.answered", at=at))
            return True

    async def note_events(self, call_id: str, events: Sequence[EngineEvent]) -> None:
        """Keep what happened in a live call: its turn-level events, its lines so far, its tools."""
        async with open_call(self._store, call_id) as opened:
            if opened is None or opened[1].status not in LIVE:
                return
            work, call = opened
            await journal.keep_lines(work, lines_of(call, events))
            await journal.add_tool_uses(work, tool_uses_of(call, events))
            await self._endings.tell(work, call, *happenings_of(call, events, now=self._now()))

    async def finish(
        self, call_id: str, report: CallReport, recording: Path | None, *, events: Sequence[EngineEvent] = ()
    ) -> bool:
        """The engine's last word on a call, kept in one transaction; False when the call had ended before.

        Of one that was given up before its report came, the report is kept all the same (`Endings.report_late`).
        `events`: all that happened in it, for its time axis.
        A recording that the other party declined is deleted, here and now.
        """
        if recording is not None and report.outcome.recording_declined:
            await _in_thread(_delete, recording)
            recording = None
        length_ms = None if recording is None else await _in_thread(_length_ms, recording)
        timeline = await asyncio.get_running_loop().run_in_executor(None, timeline_of, events) if events else None
        async with open_call(self._store, call_id) as opened:
            if opened is None:
                return False
            ending = replace(reporting.reported(opened[1], report, at=self._now()), timeline=timeline)
            if recording is not None and length_ms is not None:
                ending = replace(ending, recording=str(recording), recording_ms=length_ms)
            ended = await self._endings.end(opened[0], opened[1], ending)
            if not ended:
                await self._endings.report_late(opened[0], opened[1], ending)
        if not ended:
            _log.warning("call.reported_late", call_id=call_id, status=opened[1].status)
        return ended

    async def carrier_status(self, report: CarrierReport) -> None:
        """The carrier says where a call stands; late, repeated and disordered words change nothing."""
        try:
            await self._carrier_status(report)
        except Conflict:  # as in find_outbound
            await free_sid(self._store, report.call_sid)
            await self._carrier_status(report)

    async def _carrier_status(self, report: CarrierReport) -> None:
        call_id = report.call_id or await self._find_by_sid(report.call_sid)
        async with open_call(self._store, call_id) as opened:
            if opened is None:
                return
            work, call = opened
            if report.attempt_id is not None and not await self._heed(work, call, report):
                return
            if call.status not in LIVE:
                if report.status.over and report.duration_s is not None:
                    await self._endings.measure(work, call, report.duration_s)
                return
            at = report.at or self._now()
            if report.status is CallStatus.RINGING:
                await self._endings.tell(work, call, Happening(type="call.ringing", at=at))
            elif report.status.over:
                await self._carrier_ended(work, call, report, at)

    async def amd(self, call_id: str, answered_by: str) -> None:
        """The carrier says who answered (human, machine_start, fax, …). A fax is hung up on, and a mailbox that a
        business's assistant reached: it has no message to leave. Else a mailbox is the engine's to hear: it is told
        the carrier's word, which decides only where nobody talks."""
        async with open_call(self._store, call_id) as opened:
            if opened is None or opened[1].status not in LIVE or opened[1].answered_by is not None:
                return
            work, call = opened
            await calls.change(work, call.id, when=LIVE, answered_by=answered_by[:32])
            dial = await attempts.find_latest(work, call.id)
            if dial is not None:
                await attempts.change(work, dial.id, when=AttemptState, answered_by=answered_by[:32])
            is_machine = answered_by.startswith("machine")
            if answered_by == "fax" or (is_machine and call.product == Product.EPOCH):
                await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": call.id}))
            elif is_machine:
                await commands.add(
                    work, call, CommandKind.MACHINE, arguments={}, requested_by=None, now=self._now()
                )
                work.wake(words.ORDERS_TOPIC)

    async def commands_for(self, owner: str, call_ids: Sequence[str]) -> list[Order]:
        """The open orders to the calls that `owner` holds; each is its to carry out until its lease is over."""
        if not call_ids:
            return []
        lease = dt.timedelta(seconds=self._settings.command_lease_s)
        async with self._store.system("orders to live calls of any organization") as work:
            return await commands.take(work, owner, call_ids, now=self._now(), lease=lease)

    async def acknowledge(
        self, command_id: str, *, result: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        """What came of an order: JSON, or the code of an error. Only the first word counts."""
        async with self._store.system("orders to live calls of any organization") as work:
            command = await commands.find(work, command_id)
            if command is not None and await commands.acknowledge(
                work, command_id, now=self._now(), result=result, error=error
            ):
                call = await calls.find_call(work, command.call_id)
                assert call is not None, "a command belongs to a call"
                self._endings.wake(work, call)

    async def heartbeat(self, owner: str, call_ids: Sequence[str]) -> None:
        """The media process `owner` lives and holds these calls. Due every few seconds, else the reaper comes."""
        if call_ids:
            async with self._store.system("a media process is alive") as work:
                await calls.touch_owned(work, owner, call_ids, now=self._now())

    async def abandon(self, owner: str) -> list[str]:
        """The media process goes down: what it still held ends now, uncharged, and is hung up. Their ids."""
        async with self._store.system("a media process goes down", writes=False) as work:
            held = [call.id for call in await calls.list_owned(work, owner)]
        for call_id in held:
            async with open_call(self._store, call_id) as opened:
                if opened is not None and opened[1].owner == owner:
                    await self._endings.give_up(*opened, now=self._now())
        return held

    async def _find_outbound(self, call_id: str, attempt_id: str, call_sid: str) -> CallSpec | None:
        async with open_call(self._store, call_id) as opened:
            if opened is None:
                return None
            work, call = opened
            if not await self._bind(work, call, attempt_id, call_sid):
                return None
            spec = await self._compose(work, call)
            if spec is not None:
                await calls.change(work, call.id, when=LIVE, spec=snapshot(spec))
            return spec

    async def _turn_away(self, call_id: str, attempt_id: str, call_sid: str) -> bool:
        async with open_call(self._store, call_id) as opened:
            if opened is None:
                return False
            work, call = opened
            if not await self._bind(work, call, attempt_id, call_sid):
                return False
            _log.error("call.turned_away", call_id=call.id)
            return await self._endings.end(work, call, reporting.turned_away(call, at=self._now()), when=LIVE)

    async def _compose(self, work: UnitOfWork, call: Call) -> CallSpec | None:
        """What the engine is told: of its owner's errand, or what a business's assistant is to know."""
        if call.product == Product.EPOCH:
            return await self._compose_assistant(work, call, at=self._now())
        return outbound_spec(call, answered_at=self._now())

    async def _bind(self, work: UnitOfWork, call: Call, attempt_id: str, call_sid: str) -> bool:
        """Hold a dial to the carrier's id of it; whether it is this one and the call is still wanted."""
        dial = await attempts.find(work, attempt_id, lock=True)
        if dial is None or dial.call_id != call.id:
            return False
        if call.status != CallState.IN_PROGRESS or call.stop_requested_at is not None:
            return False
        if is_open(dial) and dial.provider_sid != call_sid:
            await bind_sid(work, call, dial, call_sid, now=self._now())
        elif dial.provider_sid != call_sid:
            return False
        return dial.state not in {AttemptState.OVER, AttemptState.REFUSED, AttemptState.LOST}

    async def _heed(self, work: UnitOfWork, call: Call, report: CarrierReport) -> bool:
        """Note a report on its dial; whether it is news of the call's newest one."""
        assert report.attempt_id is not None
        dial = await attempts.find_latest(work, call.id)
        if dial is None or dial.id != report.attempt_id:
            return False
        if is_open(dial) and dial.provider_sid != report.call_sid:
            await bind_sid(work, call, dial, report.call_sid, now=self._now())
        elif dial.provider_sid != report.call_sid:
            return False
        is_last_word = report.status.over and dial.carrier_status not in {
            one.value for one in CallStatus if one.over
        }
        sequence = dial.sequence + 1 if report.sequence is None else report.sequence
        newest = await attempts.advance(work, dial.id, sequence=sequence, carrier_status=report.status)
        return newest or is_last_word

    async def _carrier_ended(self, work: UnitOfWork, call: Call, report: CarrierReport, at: dt.datetime) -> None:
        ended = {"carrier_ended_at": at, "carrier_seconds": report.duration_s}
        await calls.change(work, call.id, when=LIVE, **ended)
        talked = call.answered_at is not None or report.status is CallStatus.COMPLETED
        if not talked:
            await self._endings.end(work, call, reporting.unconnected(call, report.status, at=at))
            return
        due = self._now() + dt.timedelta(seconds=self._settings.report_wait_s)
        job = Job(kind=words.SETTLE, payload={"call_id": call.id}, key=f"settle:{call.id}", due_at=due)
        await enqueue(work, job)

    async def _find_by_sid(self, call_sid: str) -> str | None:
        async with self._store.system("a callback knows no tenant", writes=False) as work:
            call = await calls.find_by_sid(work, call_sid)
            return None if call is None else call.id


async def _in_thread(do: Callable[[Path], T], path: Path) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, do, path)


def _delete(recording: Path) -> None:
    try:
        recording.unlink(missing_ok=True)
    except OSError as error:  # it is in nobody's row; retention removes the call's folder
        _log.error("recording.not_deleted", file=str(recording), reason=error.strerror)


def _length_ms(recording: Path) -> int | None:
    """How long a recording plays; None when there is no readable one."""
    try:
        with wave.open(str(recording)) as file:
            length_ms: float = file.getnframes() * 1000 / file.getframerate()
            return round(length_ms)
    except (OSError, EOFError, wave.Error):
        return None
