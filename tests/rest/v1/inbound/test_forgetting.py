"""Deleting inbound records, against its contract."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.api import code_of
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from tests.rest.v1.inbound.test_voicemails import leave
from voice_engine.domains.calls.models import Call, CallEvent, TranscriptEntry
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.inbound.models import ActionItem, InboundCall, Voicemail


async def rows_left(surface: Surface) -> dict[str, int]:
    """How many rows each table has."""
    async with surface.rig.store.system("tests", writes=False) as work:
        return {
            table.__tablename__: int(await work.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in (Call, InboundCall, CallEvent, TranscriptEntry, ActionItem, Voicemail)
        }


async def keep_recording(surface: Surface, call_id: str, tmp_path: Path) -> str:
    """A kept recording of the call; its key."""
    file = tmp_path / "r.wav"
    file.write_bytes(b"RIFF")
    key = f"{surface.rig.account.organization_id}/recordings/{call_id}.wav"
    await surface.rig.calls.blobs.put_file(key, file)
    async with surface.rig.store.begin(surface.rig.account.organization_id) as work:
        await call_rows.set_recording(work, call_id, key)
    return key


async def test_everything_goes_with_its_files_and_live_calls_stay(surface: Surface, tmp_path: Path) -> None:
    """Rows, transcript, events, items, voicemail, both kinds of audio."""
    rig = surface.rig
    talked, live = await rig.talk(), await rig.answered()
    key = await keep_recording(surface, talked.call.id, tmp_path)
    await rig.add_rule(action="voicemail")
    await leave(rig)
    await rig.jobs.run_due()

    gone = await surface.api.delete("/v1/inbound/calls?all=true")

    left = await rows_left(surface)
    assert gone.json() == {"success": True, "deleted_count": 2, "skipped_active": 1, "not_found": []}
    assert (left["calls"], left["inbound_calls"]) == (1, 1)
    assert (left["transcript_entries"], left["action_items"], left["voicemails"]) == (0, 0, 0)
    assert await rig.calls.blobs.find(key) is None
    assert [event["call_id"] for event in (await surface.api.get("/v1/inbound/events")).json()["events"]] == [
        live.call.id
    ] * 2


async def test_named_records_go_and_others_are_told(surface: Surface) -> None:
    """Ids of nobody, and of somebody else, are not found; the others' records stay."""
    mine, kept = await surface.rig.talk(), await surface.rig.talk()
    theirs = (await surface.other.request("DELETE", "/v1/inbound/calls", json={"call_ids": [mine.call.id]})).json()

    gone = await surface.api.request(
        "DELETE", "/v1/inbound/calls", json={"call_ids": [mine.call.id, NOBODYS, mine.call.id]}
    )

    assert theirs == {"success": True, "deleted_count": 0, "skipped_active": 0, "not_found": [mine.call.id]}
    assert gone.json() == {"success": True, "deleted_count": 1, "skipped_active": 0, "not_found": [NOBODYS]}
    assert (await surface.api.get(f"/v1/inbound/calls/{kept.call.id}")).status_code == 200


async def test_selectors_are_taken_together(surface: Surface) -> None:
    """Older than, and of that state: what meets only one of them stays."""
    rig = surface.rig
    await rig.talk()
    await rig.add_rule(action="reject", conditions={"caller_anonymous": True})
    await rig.ring("anonymous")
    cut = rig.calls.now + dt.timedelta(minutes=1)
    rig.calls.now += dt.timedelta(minutes=2)
    await rig.ring("anonymous")

    stamp = cut.isoformat().replace("+00:00", "Z")
    gone = await surface.api.delete(f"/v1/inbound/calls?before={stamp}&status=rejected")

    assert gone.json()["deleted_count"] == 1
    assert (await surface.api.get("/v1/inbound/calls")).json()["total"] == 2


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", None),
        ("", {}),
        ("?all=false", None),
        ("", {"all": False}),
        ("?all=yes", None),
        ("?before=yesterday", None),
        ("?before=2026-02-13T10:00:00", None),
        ("?status=active", None),
        ("?call_ids=7", None),
        ("", {"call_ids": ["7"]}),
        ("", {"call_ids": [NOBODYS] * 501}),
        ("", {"all": "true"}),
    ],
)
async def test_a_deletion_that_names_nothing_is_refused(
    surface: Surface, query: str, body: dict[str, Any] | None
) -> None:
    """Everything must be said in full."""
    await surface.rig.talk()
    options = {} if body is None else {"json": body}

    answer = await surface.api.request("DELETE", f"/v1/inbound/calls{query}", **options)

    assert (answer.status_code, code_of(answer)) == (400, "validation_error")
    assert (await surface.api.get("/v1/inbound/calls")).json()["total"] == 1
