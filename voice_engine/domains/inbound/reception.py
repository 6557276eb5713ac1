"""Reception: what becomes of a call that comes in, decided once a call.

```
webhook ─▶ is the number ours? ─▶ row (ringing) ─▶ rules, then forwarding, then the receptionist
             no: Nobody                               transfer, forwarding ─▶ Forward ─ nobody answers ─┐
                                                      voicemail ─▶ LeaveMessage                         ▼
                                                      reject ─▶ Reject                  receptionist ─▶ Converse
                                                                                        no credits ─▶ LeaveMessage
                                                                                        no minutes ─▶ Announce
                                                        no assistant, account suspended ─▶ Announce
```
The carrier repeats a webhook whose answer it did not get: what was decided is decided.

Locks are taken in the order that the end of a call takes them: the call, the account that pays, the event counter;
rules come last. Whoever changes a rule and needs the account takes that first as well.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import structlog

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.calls.composing import snapshot
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.states import LIVE, CallState, EndedReason, Product
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.answerer import Answerer, rings
from voice_engine.domains.inbound.composing import read_wishes, voicemail_greeting
from voice_engine.domains.inbound.decisions import (
    Announce,
    Converse,
    Decision,
    Forward,
    LeaveMessage,
    Nobody,
    Over,
    Reject,
)
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.repository import calls, rules
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.routing import Arrival, arrival_of, find_route
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.errors import InvalidInput, NotAllowed, QuotaExceeded
from voice_engine.ports.call import CallLimits, Language
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

FindNumber = Callable[[UnitOfWork, str], Awaitable[PhoneNumber | None]]
"""The bought number of this E.164, of whichever organization."""

ANSWERED = frozenset({OrganizationStatus.ACTIVE, OrganizationStatus.PENDING_DELETION})
"""Organizations whose calls are taken."""

OUT_OF_MINUTES: Mapping[Language, str] = {
    "en": "We cannot take your call right now. Please try again later, or reach us another way. Goodbye.",
    "es": "Ahora no podemos atender su llamada. Inténtelo más tarde o contáctenos por otra vía. Adiós.",
}
"""What callers of a business hear once its minutes are used up."""

NOT_IN_SERVICE: Mapping[Language, str] = {
    "en": "The number you have dialed is not in service. Goodbye.",
    "es": "El número que ha marcado no está en servicio. Adiós.",
}
"""What callers hear where nobody is to answer: no assistant, a suspended account, a number that is nobody's."""

_log = structlog.get_logger(__name__)


class Reception:
    """Decides, and keeps one row a call."""

    def __init__(
        self,
        store: Store,
        meter: CallMeter,
        endings: Endings,
        targets: TargetGate,
        settings: InboundSettings,
        *,
        answerer: Answerer,
        find_number: FindNumber = find_by_e164,
    ) -> None:
        self._store = store
        self._meter = meter
        self._endings = endings
        self._targets = targets
        self._settings = settings
        self._answerer = answerer
        self._find_number = find_number

    async def receive(
        self,
        call_sid: str,
        caller: str,
        called: str,
        *,
        at: dt.datetime,
        answered_elsewhere: bool | None = None,
        talked_s: int | None = None,
    ) -> Decision:
        """What to do with a call; asked again with the same `call_sid`, the same, or what follows a dial.

        Args:
            caller: the carrier's word for who calls, a number or a word for a withheld one.
            called: the number that was called, E.164.
            at: now, aware.
            answered_elsewhere: None: the call came in. Else the number that it was forwarded to has rung, and this
                says whether somebody answered there; `talked_s` is how long they talked.
        """
        async with self._store.system("a call comes in: whose number is it", writes=False) as work:
            number = await self._find_number(work, called)
        if number is None:
            _log.warning("inbound.number_unknown", call_sid=call_sid)
            return Nobody()
        async with self._store.begin(number.organization_id) as work:
            known = await calls.find_by_sid(work, call_sid, lock=True)
            await self._meter.lock(work)
            if known is None and answered_elsewhere is None:
                return await self._arrive(work, await arrival_of(work, call_sid, caller, number, at=at))
            if known is None or known.call.status not in LIVE:
                return _rejection(known) or _announcement(known) or Over()
            if answered_elsewhere is None:
                return await self._carry_out(work, known, number, at=at)
            return await self._after_dial(
                work, known, number, at=at, talked_s=talked_s if answered_elsewhere else None
            )

    async def decide(self, work: UnitOfWork, arrival: Arrival) -> Decision:
        """What becomes of a call that was never seen, written into the caller's own unit of work."""
        await self._meter.lock(work)
        return await self._arrive(work, arrival)

    async def _arrive(self, work: UnitOfWork, arrival: Arrival) -> Decision:
        """A call that was not seen before: its row first, so that of two webhooks one decides."""
        organization, number, call_sid, at = arrival.organization, arrival.number, arrival.call_sid, arrival.at
        written = await calls.add(work, *await self._rows(work, arrival))
        record = await calls.find_by_sid(work, call_sid, lock=True)
        assert record is not None, "the row is there, whoever wrote it"
        if not written:
            return await self._carry_out(work, record, number, at=at)
        await self._endings.tell(work, record.call, rings(record))
        if organization.status not in ANSWERED:
            return await self._announce(work, record, NOT_IN_SERVICE, at=at)
        rule = await self._match(work, arrival)
        await self._note_route(work, record, number, rule)
        return await self._carry_out(work, record, number, at=at)

    async def _rows(self, work: UnitOfWork, arrival: Arrival) -> tuple[dict[str, Any], dict[str, Any]]:
        number, contact = arrival.number, arrival.contact
        answers = await self._answerer.columns(
            work, arrival.organization, assistant_id=number.assistant_id, user_id=number.user_id
        )
        call = {
            **answers,
            "id": new_id(),
            "user_id": number.user_id,
            "direction": "inbound",
            "provider_sid": arrival.call_sid,
            "from_number": arrival.e164,
            "to_number": number.e164,
            "status": CallState.RINGING,
            "created_at": arrival.at,
            "started_at": arrival.at,
            "timezone": arrival.organization.timezone,
            "max_seconds": CallLimits().max_seconds,
        }
        inbound: dict[str, Any] = {
            "number_id": number.id,
            "caller_name": None if contact is None else contact.name,
            "contact_id": None if contact is None else contact.id,
            "is_vip": contact is not None and contact.is_vip,
            "decision": {},
        }
        return call, inbound

    async def _match(self, work: UnitOfWork, arrival: Arrival) -> RoutingRule | None:
        """The rule that takes the call, counted."""
        rule = (await find_route(work, arrival)).rule
        if rule is not None:
            await rules.note_match(work, rule.id, at=arrival.at)
        return rule

    async def _note_route(
        self, work: UnitOfWork, record: Record, number: PhoneNumber, rule: RoutingRule | None
    ) -> None:
        if rule is not None:
            route: Mapping[str, Any] = {"action": rule.action, "config": dict(rule.action_config)}
        elif number.forwarding_number is not None:
            route = {"action": "transfer", "config": {"target": number.forwarding_number}}
        else:
            route = {"action": "ai_answer", "config": {}}
        await self._decide(work, record, route["action"], route["config"], rule_id=rule.id if rule else None)

    async def _decide(
        self, work: UnitOfWork, record: Record, action: str, config: Mapping[str, Any], **columns: str | None
    ) -> None:
        """Note what becomes of the call, so that a repeated webhook finds it."""
        decision = {"action": action, "config": dict(config)}
        await calls.change(work, record.call.id, decision=decision, **columns)
        record.inbound.decision = decision

    async def _carry_out(
        self, work: UnitOfWork, record: Record, number: PhoneNumber, *, at: dt.datetime
    ) -> Decision:
        """Make what was decided so; doing it again changes nothing."""
        config = record.inbound.decision.get("config", {})
        match record.inbound.decision.get("action"):
            case "reject":
                return await self._reject(work, record, config, at=at)
            case "voicemail":
                return await self._voicemail(work, record, number, config)
            case "transfer":
                return await self._transfer(work, record, number, config, at=at)
            case _:
                return await self._converse(work, record, number, config, at=at)

    async def _transfer(
        self, work: UnitOfWork, record: Record, number: PhoneNumber, config: Mapping[str, Any], *, at: dt.datetime
    ) -> Decision:
        """Ring the target, unless it may not be rung (any more), or is who calls: then the receptionist answers."""
        target = str(config["target"])
        try:
            e164 = await self._targets.check_rule(work, target)
        except (InvalidInput, NotAllowed) as refusal:
            _log.warning("inbound.target_refused", call_id=record.call.id, code=refusal.code)
            e164 = None
        if e164 is None or e164 in {record.call.from_number, number.e164}:
            await self._decide(work, record, "ai_answer", {})
            return await self._converse(work, record, number, {}, at=at)
        await self._hand_to(work, record, "transfer")
        await calls.change(work, record.call.id, transferred_to=e164)
        shown = None if record.call.from_number else number.e164
        return Forward(number=e164, caller_id=shown, ring_s=int(config.get("ring_seconds", self._settings.ring_s)))

    async def _voicemail(
        self, work: UnitOfWork, record: Record, number: PhoneNumber, config: Mapping[str, Any]
    ) -> Decision:
        organization = await accounts.get_organization(work, work.organization_id)
        house = await self._answerer.house(work, organization, number.user_id)
        wishes = read_wishes(config)
        spoken: Language = "es" if record.call.language == "es" else "en"
        greeting, language = voicemail_greeting(house, replace(wishes, language=wishes.language or spoken))
        await self._hand_to(work, record, "voicemail")
        return LeaveMessage(greeting=greeting, language=language, max_seconds=self._settings.voicemail_s)

    async def _converse(
        self, work: UnitOfWork, record: Record, number: PhoneNumber, config: Mapping[str, Any], *, at: dt.datetime
    ) -> Decision:
        """The receptionist talks, for as long as the account pays.

        Without credits there is still the voicemail; a business without minutes has its callers told and hung up.
        """
        call, caller = record.call, record.inbound.caller_name or record.call.from_number or "an unknown number"
        organization = await accounts.get_organization(work, work.organization_id)
        if call.product == Product.EPOCH and await self._answerer.assistant_of(work, organization, call) is None:
            _log.warning("inbound.no_assistant", call_id=call.id)
            return await self._announce(work, record, NOT_IN_SERVICE, at=at)
        try:
            hold = await self._meter.reserve(work, call.id, description=f"Inbound call from {caller}"[:200])
        except QuotaExceeded as refusal:
            _log.warning("inbound.not_paid", call_id=call.id, code=refusal.code)
            if refusal.code == "minutes_exhausted":
                return await self._announce(work, record, OUT_OF_MINUTES, at=at)
            await self._decide(work, record, "voicemail", {})
            return await self._voicemail(work, record, number, {})
        spec = await self._answerer.spec(
            work, call, user_id=number.user_id, wishes=read_wishes(config), at=at, max_seconds=hold.max_seconds
        )
        columns: dict[str, Any] = {
            "language": spec.language,
            "max_seconds": hold.max_seconds,
            "spec": snapshot(spec),
        }
        if spec.knowledge_scope is not None:
            columns["assistant_id"] = spec.knowledge_scope
        await call_rows.change(work, call.id, when=LIVE, handled_by=None, **columns)
        return Converse(spec=spec)

    async def _announce(
        self, work: UnitOfWork, record: Record, notice: Mapping[Language, str], *, at: dt.datetime
    ) -> Decision:
        """The caller hears a notice in the call's language, and the call is over; asked again, the same."""
        language: Language = "es" if record.call.language == "es" else "en"
        await self._decide(work, record, "announce", {"text": notice[language], "language": language})
        ending = Ending(status=CallState.MISSED, reason=EndedReason.NOT_ALLOWED, at=at)
        await self._endings.end(work, record.call, ending, when=LIVE)
        return Announce(text=notice[language], language=language)

    async def _reject(
        self, work: UnitOfWork, record: Record, config: Mapping[str, Any], *, at: dt.datetime
    ) -> Decision:
        reason = str(config.get("reason") or "blocked")[:64]
        await calls.change(work, record.call.id, reject_reason=reason)
        ending = Ending(status=CallState.REJECTED, reason=EndedReason.REJECTED, at=at)
        await self._endings.end(work, record.call, ending, when=LIVE)
        return Reject(reason=tone_of(reason))

    async def _after_dial(
        self,
        work: UnitOfWork,
        record: Record,
        number: PhoneNumber,
        *,
        at: dt.datetime,
        talked_s: int | None,
    ) -> Decision:
        """The target has rung: they talked and the call is over, or the receptionist takes it after all."""
        if talked_s is None:
            config = {key: val for key, val in record.inbound.decision["config"].items() if key != "target"}
            await self._decide(work, record, "ai_answer", config)
            await calls.change(work, record.call.id, transferred_to=None)
            return await self._converse(work, record, number, config, at=at)
        answered = at - dt.timedelta(seconds=talked_s)
        told = Happening(type=words.TRANSFERRED, at=answered, payload={"target": record.inbound.transferred_to})
        await self._endings.tell(work, record.call, told)
        ending = Ending(
            status=CallState.COMPLETED,
            reason=EndedReason.TRANSFERRED,
            at=at,
            duration_ms=talked_s * 1000,
            extra={"answered_at": answered, "handled_by": "transfer"},
        )
        await self._endings.end(work, record.call, ending, when=LIVE)
        return Over()

    async def _hand_to(self, work: UnitOfWork, record: Record, handler: str) -> None:
        """The carrier holds the call from here on, without us."""
        await call_rows.change(work, record.call.id, when=LIVE, handled_by=handler)


def tone_of(reason: str) -> Literal["busy", "rejected"]:
    """What the caller hears for a reason: who is only busy sounds busy."""
    return "busy" if reason == "busy" else "rejected"


def _announcement(record: Record | None) -> Announce | None:
    """The webhook of a call whose caller was told why nobody answers came again."""
    if record is None or record.inbound.decision.get("action") != "announce":
        return None
    config = record.inbound.decision["config"]
    return Announce(text=config["text"], language=config["language"])


def _rejection(record: Record | None) -> Reject | None:
    """The webhook of a call that was rejected came again."""
    if record is None or record.call.status != CallState.REJECTED or record.call.answered_at is not None:
        return None
    return Reject(reason=tone_of(record.inbound.reject_reason or ""))
