"""Keeps the index of calls (`models.py`) true: whoever writes what a call can be found by has it indexed anew.

A call's terms are a function of its rows as they are now, so that indexing again is always safe, and a call whose
words were erased is found by them no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.calls.listing.models import PLACES, CallTerms, number_at
from voice_engine.domains.calls.listing.terms import (
    fact_term,
    name_terms,
    number_terms,
    owner_term,
    said_terms,
    summary_terms,
)
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.inbound.models import InboundCall, Voicemail
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

OPEN = "open"
"""The fact of a call that is not over: where it stands is asked of its row."""
RECORDED = "recorded"

_FACTS = (
    Call.id,
    Call.organization_id,
    Call.created_at,
    Call.direction,
    Call.channel,
    Call.status,
    Call.category,
    Call.task_outcome,
    Call.from_number,
    Call.to_number,
    Call.task,
    Call.summary,
    Call.highlights,
    Call.next_steps,
    Call.recording_key.is_not(None).label("recorded"),
)


async def index_calls(work: UnitOfWork, call_ids: Sequence[str]) -> None:
    """Have these calls be found by what their rows say now, in a writing unit."""
    if not call_ids:
        return
    said, names = await _said(work, call_ids), await _names(work, call_ids)
    for row in (await work.session.execute(sa.select(*_FACTS).where(Call.id.in_(call_ids)))).mappings():
        facts = {str(key): value for key, value in row.items()}
        terms = terms_of(facts, names=names[facts["id"]], said=said[facts["id"]])
        await _keep(work, facts, " ".join(sorted(terms)))


def terms_of(call: Mapping[str, Any], *, names: Iterable[str | None], said: Iterable[str | None]) -> set[str]:
    """The terms of a call, from its columns, the names of who called, and what was said."""
    task: Mapping[str, Any] = call["task"] or {}
    other = call["to_number"] if call["direction"] == "outbound" else call["from_number"]
    state = call["status"] if call["status"] in ENDS else OPEN
    facts = [call["direction"], call["channel"], state, call["category"], call["task_outcome"]]
    if call["recorded"]:
        facts.append(RECORDED)
    about = [
        call["summary"],
        task.get("task_description"),
        *(call["highlights"] or ()),
        *(call["next_steps"] or ()),
    ]
    return {
        owner_term(call["organization_id"]),
        *(fact_term(str(fact)) for fact in facts if fact is not None),
        *number_terms(other),
        *name_terms(task.get("business_name"), task.get("user_name"), *names),
        *summary_terms(str(text) for text in about if text),
        *said_terms(said),
    }


async def _said(work: UnitOfWork, call_ids: Sequence[str]) -> Mapping[str, list[str | None]]:
    """What was said in each call, of interrupted lines what was heard; messages that were left too."""
    heard = sa.case((TranscriptEntry.interrupted, TranscriptEntry.heard_text), else_=TranscriptEntry.text)
    lines = sa.select(TranscriptEntry.call_id, heard).where(TranscriptEntry.call_id.in_(call_ids))
    left = sa.select(Voicemail.call_id, Voicemail.transcript).where(Voicemail.call_id.in_(call_ids))
    return await _by_call(work, lines, left)


async def _names(work: UnitOfWork, call_ids: Sequence[str]) -> Mapping[str, list[str | None]]:
    callers = sa.select(InboundCall.call_id, InboundCall.caller_name).where(InboundCall.call_id.in_(call_ids))
    return await _by_call(work, callers)


async def _by_call(work: UnitOfWork, *statements: sa.Select[str, str | None]) -> Mapping[str, list[str | None]]:
    texts: defaultdict[str, list[str | None]] = defaultdict(list)
    for statement in statements:
        for call_id, text in await work.session.execute(statement):
            texts[call_id].append(text)
    return texts


async def _keep(work: UnitOfWork, call: Mapping[str, Any], terms: str) -> None:
    value = _vector(work, terms)
    change = sa.update(CallTerms).where(CallTerms.call_id == call["id"]).values(terms=value)
    number = number_at(call["created_at"])
    while not await changed_rows(work, change):
        row = {"organization_id": call["organization_id"], "call_id": call["id"], "terms": value}
        taken = sa.select(sa.func.max(_TABLE.c.number)).where(_TABLE.c.number.between(number, number + PLACES - 1))
        last = await work.session.scalar(taken)
        number = number if last is None else int(last) + 1
        if await insert_once(work, CallTerms, {**row, "number": number}):
            return


_TABLE = CallTerms.metadata.tables[CallTerms.__tablename__]
"""The bare table: numbers are taken across organizations, past the tenant's filter."""


def _vector(work: UnitOfWork, terms: str) -> Any:  # a string, or SQL that makes the vector of it
    if work.session.get_bind().dialect.name == "sqlite":
        return terms
    return sa.func.array_to_tsvector(sa.func.string_to_array(terms, " "))
