"""A caller's data: all of it given out, all of it erased, nobody else's touched."""

import datetime as dt
import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from tests.fakes.calls import CALLEE
from tests.fakes.privacy import PrivacyRig
from voice_engine.domains.bookings.models import Booking
from voice_engine.domains.privacy.words import TOMBSTONE
from voice_engine.domains.usage.models import CreditEntry
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.rest.v1.calls.schemas import call_out

HOUR = dt.timedelta(hours=1)
STRANGER = "+12125550142"


async def test_an_export_has_the_calls_both_ways_with_their_audio(rig: PrivacyRig, tmp_path: Path) -> None:
    held, left = await rig.held(), await rig.left_message()
    rig.calls.now += HOUR

    found = await rig.privacy.export(rig.account.organization_id, CALLEE, tmp_path / "ada.zip", actor="test")

    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        about = json.loads(archive.read("about.json"))
        audio = {name: archive.read(name) for name in archive.namelist() if name.endswith(".wav")}
    assert (found.calls, found.recordings, found.voicemails, found.contact) == (2, 1, 1, True)
    assert {one["call"]["id"] for one in about["calls"]} == {held.id, left.id}
    texts = [line["text"] for one in about["calls"] for line in one.get("transcript_entries", ())]
    assert "Nobu, good evening." in texts
    assert about["contact"]["name"] == "Ada"
    assert [(one["call_id"], one["service"]) for one in about["bookings"]] == [(left.id, "cleaning of teeth")]
    assert audio[f"recordings/{held.id}.wav"] == b"RIFF"
    assert len(audio) == 2
    assert (tmp_path / "ada.zip").stat().st_mode & 0o077 == 0


async def test_an_export_of_one_number_has_nobody_elses_calls(rig: PrivacyRig, tmp_path: Path) -> None:
    """Neither of another caller nor of another organization."""
    other = await add_account(rig.store, "Bob")
    await rig.left_message(number=STRANGER)
    await rig.left_message(by=other)
    rig.calls.now += HOUR

    found = await rig.privacy.export(rig.account.organization_id, CALLEE, tmp_path / "none.zip", actor="test")

    assert found.nothing
    with zipfile.ZipFile(tmp_path / "none.zip") as archive:
        assert archive.namelist() == ["about.json"]


async def test_a_broken_export_leaves_no_file(rig: PrivacyRig, tmp_path: Path) -> None:
    call = await rig.held()
    rig.calls.now += HOUR
    assert call.recording_key is not None
    await rig.calls.blobs.delete(call.recording_key)
    (tmp_path / "out").mkdir()

    with pytest.raises(NotFound) as raised:
        await rig.privacy.export(rig.account.organization_id, CALLEE, tmp_path / "out" / "a.zip", actor="test")

    assert raised.value.code == "blob_not_found"
    assert list((tmp_path / "out").iterdir()) == []


async def test_an_erased_number_stands_in_no_row_of_any_table(rig: PrivacyRig) -> None:
    """Nor does what was said, what the call was about, or who it was."""
    await rig.held()
    await rig.left_message()
    await rig.ruled(caller_numbers=[CALLEE])
    rig.calls.now += HOUR
    before = await rig.everything()
    assert CALLEE in before

    await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    after = await rig.everything()
    said = ("Nobu", "Please call me back", "wants a call back", "'Ada'", "Reserve a table", "cleaning of teeth")
    for word in (CALLEE, *said):
        kept = [line for line in after.splitlines() if word in line]
        if word == "'Ada'":  # the owner's own account
            kept = [line for line in kept if not line.startswith(("organizations:", "users:"))]
        assert kept == [], word


async def test_a_booking_under_an_erased_number_keeps_its_time_and_nothing_else(rig: PrivacyRig) -> None:
    """Though somebody else called to make it, and the number was written another way."""
    stranger = await rig.left_message(number=STRANGER)
    booking = await rig.booked(stranger, name="Ada Lovelace", phone=f"{CALLEE[2:5]} {CALLEE[5:8]} {CALLEE[8:]}")
    rig.calls.now += HOUR

    held = await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    assert (held.calls, held.bookings, held.nothing) == (0, 1, False)
    async with rig.store.read(rig.account.organization_id) as work:
        kept = {row.id: row for row in await work.session.scalars(sa.select(Booking))}
    assert len(kept) == 2
    erased = kept.pop(booking.id)
    assert (erased.name, erased.phone, erased.service) == (None, None, None)
    assert (erased.starts_at, erased.state) == (booking.starts_at, "booked")
    (theirs,) = kept.values()
    assert (theirs.name, theirs.phone) == ("Ada", STRANGER)


async def test_a_rule_without_the_number_takes_nobody_it_did_not_take(rig: PrivacyRig) -> None:
    """One that named it alone is off; one that named others goes on with them; the rest stay as they are."""
    alone, prefixed = await rig.ruled(caller_numbers=[CALLEE]), await rig.ruled(caller_prefixes=[CALLEE])
    others = await rig.ruled(caller_numbers=[STRANGER, CALLEE], caller_vip=False)
    elsewhere = await rig.ruled(caller_numbers=[STRANGER], caller_prefixes=["+1415"])
    await rig.left_message()
    rig.calls.now += HOUR

    await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    left = [(one.is_active, one.conditions) for one in [await rig.rule(each) for each in (alone, prefixed)]]
    assert left == [(False, {"caller_numbers": []}), (False, {"caller_prefixes": []})]
    assert (await rig.rule(others)).conditions == {"caller_numbers": [STRANGER], "caller_vip": False}
    assert (await rig.rule(others)).is_active
    assert (await rig.rule(elsewhere)).conditions == {"caller_numbers": [STRANGER], "caller_prefixes": ["+1415"]}


async def test_erasing_takes_the_files_and_leaves_the_ledgers_amounts(rig: PrivacyRig) -> None:
    call, left = await rig.held(), await rig.left_message()
    rig.calls.now += HOUR
    amounts = sa.select(CreditEntry.kind, CreditEntry.credits, CreditEntry.balance_after).order_by(
        CreditEntry.sequence
    )
    async with rig.store.system("tests", writes=False) as work:
        before = (await work.session.execute(amounts)).all()

    await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    async with rig.store.system("tests", writes=False) as work:
        assert (await work.session.execute(amounts)).all() == before
    assert await rig.calls.blobs.find(f"{call.organization_id}/recordings/{call.id}.wav") is None
    assert await rig.calls.blobs.find(f"{call.organization_id}/recordings/{call.id}.wav.peaks") is None
    assert await rig.calls.blobs.find(f"{left.organization_id}/voicemails/{left.id}.wav") is None
    assert not (rig.files.calls / call.id).exists()


async def test_an_erased_call_can_still_be_shown(rig: PrivacyRig) -> None:
    """Its owner sees that there was a call, of what kind and length."""
    call = await rig.held()
    rig.calls.now += HOUR

    await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    shown = call_out(await rig.calls.call(call.id))
    assert shown.submission.respondent_phone == TOMBSTONE
    assert shown.submission.task_category == "restaurant"
    assert shown.submission.user_name is None
    assert shown.duration_seconds == pytest.approx(95.2, abs=0.1)


async def test_other_callers_and_other_organizations_keep_their_calls(rig: PrivacyRig) -> None:
    other = await add_account(rig.store, "Bob")
    theirs, stranger = await rig.left_message(by=other), await rig.left_message(number=STRANGER)
    rig.calls.now += HOUR

    await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    assert (await rig.calls.call(theirs.id)).from_number == CALLEE
    assert (await rig.calls.call(stranger.id)).from_number == STRANGER
    assert await rig.calls.blobs.find(f"{theirs.organization_id}/voicemails/{theirs.id}.wav") is not None


async def test_a_call_that_is_up_or_just_over_is_named_and_left(rig: PrivacyRig) -> None:
    """Its recording may still be on its way; erasing again later gets it."""
    call = await rig.held()

    first = await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")
    rig.calls.now += HOUR
    second = await rig.privacy.erase(rig.account.organization_id, CALLEE, actor="test")

    assert (first.calls, first.open_calls) == (0, 1)
    assert (second.calls, second.open_calls) == (1, 0)
    assert (await rig.calls.call(call.id)).to_number == TOMBSTONE


@pytest.mark.parametrize("number", ["4155551234", "+1 415 555 1234", "+", "erased", "+0123456789", "+1415555123４"])
async def test_what_is_no_number_is_refused(rig: PrivacyRig, number: str) -> None:
    """A tombstone above all: it would find everybody who was erased."""
    with pytest.raises(InvalidInput) as refused:
        await rig.privacy.list_held(rig.account.organization_id, number)

    assert refused.value.code == "number_invalid"


@pytest.mark.parametrize("days", [0, -1, 36_501])
async def test_days_that_make_no_sense_are_refused(rig: PrivacyRig, days: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        await rig.privacy.set_retention(rig.account.organization_id, days, actor="test")

    assert refused.value.code == "retention_invalid"
