"""The operations that read inbound calls, against their contract."""

import datetime as dt

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import CALLER, OURS, new_sid
from tests.rest.v1.inbound.conftest import NOBODYS, Surface


async def test_a_call_is_listed_and_read_whole(surface: Surface) -> None:
    """Row and details of a call in which a message was left."""
    contact = await surface.rig.add_contact(is_vip=True)
    await surface.rig.ring()
    surface.rig.calls.now += dt.timedelta(minutes=5)
    record = await surface.rig.talk()

    page = (await surface.api.get("/v1/inbound/calls")).json()
    read = (await surface.api.get(f"/v1/inbound/calls/{record.call.id}")).json()

    assert (page["total"], page["limit"], page["has_more"], len(page["calls"])) == (2, 20, False, 2)
    row = page["calls"][0]
    assert {key: read[key] for key in row} == row
    assert (row["caller_number"], row["caller_name"], row["to_number"]) == (CALLER, "John Smith", OURS)
    assert (row["status"], row["handled_by"], row["duration_seconds"]) == ("completed", "ai", 42.0)
    assert (row["has_transcript"], row["has_recording"], row["action_item_count"]) == (True, False, 1)
    assert row["summary"] == "Message from John Smith: “Please call me back”."
    assert (read["credits_used"], read["contact_id"]) == (1.1, contact.id)
    assert read["caller"] == {
        "phone_number": CALLER,
        "name": "John Smith",
        "is_vip": True,
        "country": "US",
        "notes": None,
        "previous_calls": 1,
    }
    assert [item["description"] for item in read["action_items"]] == ["Call John Smith back at +12125550199."]


async def test_calls_are_listed_by_status_vip_and_dates(surface: Surface) -> None:
    """Dates are days of the account's zone; both ends are included."""
    rig = surface.rig
    await rig.add_contact(is_vip=True)
    rig.calls.now = dt.datetime(2026, 2, 14, 4, 30, tzinfo=dt.UTC)  # still the 13th in New York
    vip = await rig.talk()
    rig.calls.now += dt.timedelta(hours=1)  # the 14th
    await rig.ring("anonymous")

    async def ids(query: str) -> list[str]:
        answer = await surface.api.get(f"/v1/inbound/calls?{query}")
        assert answer.status_code == 200
        return [row["id"] for row in answer.json()["calls"]]

    assert await ids("vip_only=true") == [vip.call.id]
    assert await ids("status=completed") == [vip.call.id]
    assert len(await ids("status=active")) == 1
    assert await ids("status=missed") == []
    assert await ids("date_to=2026-02-13") == [vip.call.id]
    assert len(await ids("date_from=2026-02-14")) == 1
    assert await ids("date_from=2026-02-13&date_to=2026-02-13") == [vip.call.id]
    assert await ids("date_to=2026-02-14T04:30:00Z") == [vip.call.id]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "offset=-1",
        "status=ringing",
        "vip_only=maybe",
        "date_from=2026-02-31",
        "date_to=x",
        "date_from=99999-01-01",
        "date_from=0001-01-01T00:00:00%2B14:00",
    ],
)
async def test_a_list_asked_for_wrongly_is_refused(surface: Surface, query: str) -> None:
    """400, never clamped."""
    answer = await surface.api.get(f"/v1/inbound/calls?{query}")

    assert (answer.status_code, code_of(answer)) == (400, "validation_error")


@pytest.mark.parametrize("path", ["", "/transcript", "/recording"])
@pytest.mark.parametrize("call_id", ["{theirs}", NOBODYS, "nonsense"])
async def test_a_call_of_somebody_else_is_not_there(surface: Surface, call_id: str, path: str) -> None:
    """Another owner's id, an unknown one and none at all answer alike."""
    record = await surface.rig.talk()

    answer = await surface.other.get(f"/v1/inbound/calls/{call_id.format(theirs=record.call.id)}{path}")

    assert (answer.status_code, code_of(answer)) == (404, "call_not_found")
    assert (await surface.other.get("/v1/inbound/calls")).json()["total"] == 0


async def test_what_was_said_is_read_and_what_was_not_is_not_there(surface: Surface) -> None:
    """A transcript of the talk; none of a call that only rang; no recording where none was made."""
    talked, sid = await surface.rig.talk(), new_sid()
    await surface.rig.ring(sid=sid)
    rang = await surface.rig.record(sid)

    said = await surface.api.get(f"/v1/inbound/calls/{talked.call.id}/transcript")
    nothing = await surface.api.get(f"/v1/inbound/calls/{rang.call.id}/transcript")
    silent = await surface.api.get(f"/v1/inbound/calls/{talked.call.id}/recording")

    assert [entry["speaker"] for entry in said.json()["entries"]] == ["AI", "HUMAN"]
    assert (said.json()["status"], said.json()["call_id"]) == ("final", talked.call.id)
    assert (nothing.status_code, code_of(nothing)) == (404, "transcript_not_found")
    assert (silent.status_code, code_of(silent)) == (404, "recording_not_found")


async def test_a_follow_up_is_ticked_off(surface: Surface) -> None:
    """Its state is kept, and its index stays what it was."""
    record = await surface.rig.talk(next_steps=("Call back.", "Send the offer."))
    path = f"/v1/inbound/calls/{record.call.id}/action-items"

    ticked = await surface.api.patch(f"{path}/1", json={"status": "completed"})
    read = (await surface.api.get(f"/v1/inbound/calls/{record.call.id}")).json()

    assert (ticked.status_code, ticked.json()["status"], ticked.json()["index"]) == (200, "completed", 1)
    assert [item["status"] for item in read["action_items"]] == ["pending", "completed"]


@pytest.mark.parametrize(
    ("who", "tail", "body", "status", "code"),
    [
        ("api", "2", {"status": "completed"}, 404, "action_item_not_found"),
        ("api", "99999999999999", {"status": "completed"}, 404, "action_item_not_found"),
        ("api", "0", {"status": "done"}, 400, "validation_error"),
        ("api", "0", {}, 400, "validation_error"),
        ("api", "-1", {"status": "completed"}, 400, "validation_error"),
        ("api", "first", {"status": "completed"}, 400, "validation_error"),
        ("other", "0", {"status": "completed"}, 404, "call_not_found"),
    ],
)
async def test_a_follow_up_that_is_not_there_is_not_changed(
    surface: Surface, who: str, tail: str, body: dict[str, str], status: int, code: str
) -> None:
    """Unknown, malformed and somebody else's."""
    record = await surface.rig.talk()
    client = surface.api if who == "api" else surface.other

    answer = await client.patch(f"/v1/inbound/calls/{record.call.id}/action-items/{tail}", json=body)

    assert (answer.status_code, code_of(answer)) == (status, code)
