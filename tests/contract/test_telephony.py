"""What every implementation of the telephony port must do: the fake that others test with, and the real adapter.

The adapter runs through `twilio`'s own client against the built-in carrier, in this process and in virtual time.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import BASE, EPOCH, OURS, STREAM, THEIRS, open_rig
from tests.fakes.telephony import FakeTelephony
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.telephony import (
    OUTCOME_UNKNOWN,
    CallStatus,
    CodeVerdict,
    Conference,
    DialOrder,
    NumberSettings,
    Telephony,
)

NOBODY = "CA" + "f" * 32
VOICE = NumberSettings(voice_url=f"{BASE}/voice", status_url=f"{BASE}/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An implementation, and what a test does behind its back."""

    telephony: Telephony
    answer: Callable[[str], Awaitable[None]]
    lose_next_answer: Callable[[], None]
    code: Callable[[str], str]
    record: Callable[[str], Awaitable[str]]
    now: Callable[[], dt.datetime]


@asynccontextmanager
async def fake(folder: Path) -> AsyncIterator[Subject]:
    clock = LoopClock()

    def now() -> dt.datetime:
        return EPOCH + dt.timedelta(milliseconds=clock.now_ms())

    telephony = FakeTelephony(now=now)

    async def answer(call_sid: str) -> None:
        telephony.set_status(call_sid, CallStatus.IN_PROGRESS)

    async def record(call_sid: str) -> str:
        return telephony.add_recording(call_sid)

    yield Subject(
        telephony=telephony,
        answer=answer,
        lose_next_answer=telephony.lose_next_answer,
        code=telephony.codes.__getitem__,
        record=record,
        now=now,
    )


@asynccontextmanager
async def carrier(folder: Path) -> AsyncIterator[Subject]:
    async with open_rig(folder) as rig:
        rig.customer.documents["/voice"] = STREAM
        rig.world.put(THEIRS, SilentLine)

        async def answer(call_sid: str) -> None:
            while rig.carrier.exchange.book.find(call_sid).status is not CallStatus.IN_PROGRESS:  # type: ignore[union-attr]  # placed just now
                await rig.carrier.parts.clock.sleep_ms(20)

        async def record(call_sid: str) -> str:
            kept = await rig.carrier.recordings.keep(
                [b"\xff" * 8000],
                account_sid=rig.carrier.settings.account_sid,
                call_sid=call_sid,
                source="RecordVerb",
                now=rig.carrier.parts.now(),
            )
            return kept.sid

        def code(to: str) -> str:
            text = next(one.text for one in reversed(rig.carrier.verifications.messages) if one.to == to)
            return "".join(char for char in text if char.isdigit())

        yield Subject(
            telephony=rig.telephony,
            answer=answer,
            lose_next_answer=lambda: rig.carrier.faults.create.append("error_after"),
            code=code,
            record=record,
            now=rig.carrier.parts.now,
        )


Opened = Callable[[Path], AbstractAsyncContextManager[Subject]]
Check = Callable[[Subject], Awaitable[None]]
both = pytest.mark.parametrize("opened", [fake, carrier])


def run(opened: Opened, folder: Path, check: Check) -> None:
    async def main() -> None:
        async with opened(folder) as subject:
            await check(subject)

    run_virtual(main())


def order(**changes: object) -> DialOrder:
    return DialOrder(**{"to": THEIRS, "from_number": OURS, "answer_url": f"{BASE}/voice", **changes})  # type: ignore[arg-type]


@both
def test_a_placed_call_is_found_by_sid_and_by_its_numbers(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        before = subject.now()
        first = await subject.telephony.place_call(order())
        second = await subject.telephony.place_call(order())

        found = await subject.telephony.find_calls(to=THEIRS, from_number=OURS, since=before)
        fetched = await subject.telephony.fetch_call(first.call_sid)
        later = await subject.telephony.find_calls(
            to=THEIRS, from_number=OURS, since=subject.now() + dt.timedelta(seconds=5)
        )
        others = await subject.telephony.find_calls(to=OURS, from_number=THEIRS, since=before)

        assert {call.call_sid for call in found} == {first.call_sid, second.call_sid}
        assert (fetched.to, fetched.from_number, fetched.direction) == (THEIRS, OURS, "outbound-api")
        assert first.status is CallStatus.QUEUED
        assert fetched.created_at.tzinfo is not None
        assert list(later) == list(others) == []

    run(opened, tmp_path, check)


@both
def test_a_lost_answer_is_an_unknown_outcome_that_reconciliation_resolves(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        since = subject.now()
        subject.lose_next_answer()

        with pytest.raises(UpstreamFailed) as caught:
            await subject.telephony.place_call(order())
        found = await subject.telephony.find_calls(to=THEIRS, from_number=OURS, since=since)

        assert (caught.value.code, caught.value.retryable) == (OUTCOME_UNKNOWN, False)
        assert len(found) == 1

    run(opened, tmp_path, check)


@both
def test_hanging_up_ends_a_call_once_and_never_complains(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        ringing = await subject.telephony.place_call(order())
        await subject.telephony.hang_up(ringing.call_sid)
        up = await subject.telephony.place_call(order())
        await subject.answer(up.call_sid)
        for _ in range(2):
            await subject.telephony.hang_up(up.call_sid)
        await subject.telephony.hang_up(NOBODY)
        await LoopClock().sleep_ms(500)

        assert (await subject.telephony.fetch_call(ringing.call_sid)).status is CallStatus.CANCELED
        ended = await subject.telephony.fetch_call(up.call_sid)
        assert ended.status is CallStatus.COMPLETED
        assert ended.status.over
        assert ended.ended_at is not None

    run(opened, tmp_path, check)


@both
def test_a_call_that_is_not_up_cannot_be_steered(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        telephony = subject.telephony
        up = await telephony.place_call(order())
        await subject.answer(up.call_sid)
        await telephony.redirect(up.call_sid, url=f"{BASE}/voice")
        await telephony.join_conference(up.call_sid, Conference(name="room-1"))
        await telephony.hang_up(up.call_sid)
        await LoopClock().sleep_ms(500)

        for sid in (up.call_sid, NOBODY):
            with pytest.raises(Conflict) as caught:
                await telephony.redirect(sid, url=f"{BASE}/voice")
            assert caught.value.code == "call_not_active"
            with pytest.raises(Conflict):
                await telephony.join_conference(sid, Conference(name="room-1"))
            with pytest.raises(Conflict):
                await telephony.transfer(sid, "+15550100123")

    run(opened, tmp_path, check)


@both
def test_an_unknown_call_is_not_found(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        with pytest.raises(NotFound) as caught:
            await subject.telephony.fetch_call(NOBODY)

        assert caught.value.code == "carrier_call_not_found"

    run(opened, tmp_path, check)


@both
def test_a_number_is_searched_bought_configured_and_given_back(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        telephony = subject.telephony
        found = await telephony.search_numbers("US", "local", area_code="415", limit=3)
        bought = await telephony.buy_number(found[0].e164, VOICE)
        again = await telephony.search_numbers("US", "local", area_code="415", limit=3)

        assert len(found) == 3
        assert all(one.e164.startswith("+1415") and one.country == "US" for one in found)
        assert bought.e164 not in {one.e164 for one in again}
        assert (bought.voice_url, bought.status_url) == (f"{BASE}/voice", f"{BASE}/status")

        changed = await telephony.configure_number(bought.number_sid, NumberSettings(voice_url=f"{BASE}/other"))
        assert (changed.voice_url, changed.status_url) == (f"{BASE}/other", f"{BASE}/status")
        assert await telephony.find_number(bought.e164) == changed
        assert bought.e164 in {number.e164 for number in await telephony.list_numbers()}

        for _ in range(2):
            await telephony.release_number(bought.number_sid)
        assert await telephony.find_number(bought.e164) is None
        with pytest.raises(NotFound) as caught:
            await telephony.configure_number(bought.number_sid, VOICE)
        assert caught.value.code == "carrier_number_not_found"

    run(opened, tmp_path, check)


@both
def test_a_number_can_be_bought_once(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        await subject.telephony.buy_number("+14155550101", VOICE)

        with pytest.raises(Conflict) as caught:
            await subject.telephony.buy_number("+14155550101", VOICE)

        assert caught.value.code == "phone_number_unavailable"

    run(opened, tmp_path, check)


@both
def test_of_many_buyers_at_once_one_gets_the_number(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        outcomes: list[str] = []

        async def buy() -> None:
            try:
                outcomes.append((await subject.telephony.buy_number("+14155550102", VOICE)).e164)
            except Conflict as conflict:
                outcomes.append(conflict.code)

        async with asyncio.TaskGroup() as buyers:
            for _ in range(20):
                buyers.create_task(buy())

        assert sorted(outcomes) == ["+14155550102", *19 * ["phone_number_unavailable"]]
        owned = [number.e164 for number in await subject.telephony.list_numbers()]
        assert owned.count("+14155550102") == 1

    run(opened, tmp_path, check)


@both
def test_nothing_is_sold_where_nothing_is_sold(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        assert list(await subject.telephony.search_numbers("US", "mobile")) == []
        assert list(await subject.telephony.search_numbers("XX", "local")) == []

    run(opened, tmp_path, check)


@both
def test_a_code_proves_a_number_once(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        started = await subject.telephony.start_verification(THEIRS, "sms")
        code = subject.code(THEIRS)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"

        assert started.attempt == 1
        assert await subject.telephony.check_verification(started.sid, wrong) is CodeVerdict.WRONG
        assert not await subject.telephony.may_show(THEIRS)
        assert await subject.telephony.check_verification(started.sid, code) is CodeVerdict.APPROVED
        assert await subject.telephony.may_show(THEIRS), "these two take a right code for proof"
        assert not await subject.telephony.may_show(THEIRS[:-1])
        assert await subject.telephony.check_verification(started.sid, code) is CodeVerdict.GONE
        assert await subject.telephony.check_verification("VE" + "0" * 32, code) is CodeVerdict.GONE

    run(opened, tmp_path, check)


@both
def test_five_wrong_codes_lock_even_the_right_one(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        started = await subject.telephony.start_verification(THEIRS, "sms")
        code = subject.code(THEIRS)
        for step in range(1, 6):
            wrong = f"{(int(code) + step) % 1_000_000:06d}"
            assert await subject.telephony.check_verification(started.sid, wrong) is CodeVerdict.WRONG

        assert await subject.telephony.check_verification(started.sid, code) is CodeVerdict.LOCKED

    run(opened, tmp_path, check)


@both
def test_a_code_lives_ten_minutes(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        started = await subject.telephony.start_verification(THEIRS, "sms")
        code = subject.code(THEIRS)
        await LoopClock().sleep_ms(600_000)

        assert await subject.telephony.check_verification(started.sid, code) is CodeVerdict.GONE

    run(opened, tmp_path, check)


@both
def test_sends_are_capped_and_the_newest_code_counts(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        sends = [await subject.telephony.start_verification(THEIRS, "sms") for _ in range(5)]
        with pytest.raises(QuotaExceeded) as caught:
            await subject.telephony.start_verification(THEIRS, "sms")
        other = await subject.telephony.start_verification("+15559876543", "sms")

        assert [one.attempt for one in sends] == [1, 2, 3, 4, 5]
        assert caught.value.code == "verification_send_limit"
        assert other.attempt == 1
        verdict = await subject.telephony.check_verification(sends[-1].sid, subject.code(THEIRS))
        assert verdict is CodeVerdict.APPROVED

    run(opened, tmp_path, check)


@both
def test_a_recording_is_listed_fetched_and_deleted(opened: Opened, tmp_path: Path) -> None:
    async def check(subject: Subject) -> None:
        telephony = subject.telephony
        placed = await telephony.place_call(order())
        sid = await subject.record(placed.call_sid)

        (listed,) = await telephony.list_recordings(placed.call_sid)
        media = await telephony.fetch_recording(sid)

        assert (listed.recording_sid, listed.call_sid, listed.duration_s) == (sid, placed.call_sid, 1)
        assert (media[:4], media[8:12], len(media)) == (b"RIFF", b"WAVE", 44 + 16_000)
        for _ in range(2):
            await telephony.delete_recording(sid)
        assert list(await telephony.list_recordings(placed.call_sid)) == []
        with pytest.raises(NotFound) as caught:
            await telephony.fetch_recording(sid)
        assert caught.value.code == "carrier_recording_not_found"

    run(opened, tmp_path, check)
