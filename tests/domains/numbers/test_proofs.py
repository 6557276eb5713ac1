"""A phone is somebody's once its code came back; codes cost money and ring strangers, so they are counted."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
import structlog

from tests.domains.numbers.rig import MOBILE, NumbersRig, open_numbers, settings
from tests.fakes.accounts import Account
from voice_engine.domains.numbers.models import CodeSend, NumberStatus
from voice_engine.domains.numbers.views import Sent
from voice_engine.domains.safety import service as safety
from voice_engine.errors import InvalidInput, NotAllowed, NotFound, QuotaExceeded, UpstreamFailed, VoiceEngineError
from voice_engine.store.engine import Store
from voice_engine.store.rows import Row

OTHER = "+15559876544"


def down(code: str = "carrier_unavailable") -> UpstreamFailed:
    return UpstreamFailed(code, "no", provider="twilio", retryable=False)


async def start(rig: NumbersRig, e164: object = MOBILE, who: Account | None = None) -> Sent:
    whose = who or rig.ada
    return await rig.numbers.proofs.start(whose.organization_id, whose.user_id, e164, "sms")


async def check(rig: NumbersRig, code: str, e164: str = MOBILE) -> None:
    await rig.numbers.proofs.check(rig.ada.organization_id, rig.ada.user_id, e164, code)


def wrong_code(rig: NumbersRig) -> str:
    return f"{(int(rig.telephony.codes[MOBILE]) + 1) % 1_000_000:06d}"


async def test_the_right_code_makes_the_phone_ones_own(rig: NumbersRig) -> None:
    sent = await start(rig)
    [pending] = await rig.listed()
    await check(rig, rig.telephony.codes[MOBILE])
    [proven] = await rig.listed()

    assert (sent.tries_left, sent.expires_at - rig.now) == (5, dt.timedelta(minutes=10))
    assert (pending.status, pending.is_verified) == (NumberStatus.PENDING_VERIFICATION, False)
    assert (proven.id, proven.status, proven.verified_at) == (pending.id, NumberStatus.ACTIVE, rig.now)
    assert proven.is_own


async def test_a_code_works_once(rig: NumbersRig) -> None:
    await rig.prove()

    with pytest.raises(NotFound) as refusal:
        await check(rig, rig.telephony.codes[MOBILE])
    assert refusal.value.code == "verification_not_found"


async def test_a_number_without_a_code_on_its_way_is_told(rig: NumbersRig) -> None:
    with pytest.raises(NotFound) as refusal:
        await check(rig, "123456")
    assert refusal.value.code == "verification_not_found"


async def test_somebody_elses_code_is_not_ones_own(rig: NumbersRig) -> None:
    await start(rig, who=rig.bob)

    with pytest.raises(NotFound):
        await check(rig, rig.telephony.codes[MOBILE])


async def test_a_code_expires(rig: NumbersRig) -> None:
    await start(rig)
    code = rig.telephony.codes[MOBILE]
    rig.now += dt.timedelta(minutes=10)

    with pytest.raises(InvalidInput) as refusal:
        await check(rig, code)
    assert refusal.value.code == "verification_expired"


async def test_five_wrong_codes_end_it_even_for_the_right_one(rig: NumbersRig) -> None:
    await start(rig)
    left: list[object] = []
    for _ in range(5):
        with pytest.raises(InvalidInput) as wrong:
            await check(rig, wrong_code(rig))
        assert wrong.value.code == "invalid_verification_code"
        left.append(wrong.value.details["attempts_remaining"])

    with pytest.raises(QuotaExceeded) as refusal:
        await check(rig, rig.telephony.codes[MOBILE])

    assert left == [4, 3, 2, 1, 0]
    assert refusal.value.code == "rate_limited"
    assert refusal.value.details["retry_after_seconds"] == 600
    assert [number.is_verified for number in await rig.listed()] == [False]


async def test_a_new_code_gives_no_new_tries(rig: NumbersRig) -> None:
    await start(rig)
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await check(rig, wrong_code(rig))

    assert (await start(rig)).tries_left == 0
    with pytest.raises(QuotaExceeded):
        await check(rig, rig.telephony.codes[MOBILE])


async def test_parallel_guesses_have_five_tries_together(rig: NumbersRig) -> None:
    await start(rig)
    codes: list[str] = []

    async def guess() -> None:
        try:
            await check(rig, wrong_code(rig))
        except VoiceEngineError as error:
            codes.append(error.code)

    async with asyncio.TaskGroup() as group:
        for _ in range(12):
            group.create_task(guess())

    assert codes.count("invalid_verification_code") == 5
    assert codes.count("rate_limited") == 7


async def test_a_try_that_the_carrier_did_not_judge_does_not_count(rig: NumbersRig) -> None:
    await start(rig)
    for _ in range(6):
        rig.telephony.fail_next(down())
        with pytest.raises(UpstreamFailed):
            await check(rig, rig.telephony.codes[MOBILE])

    await check(rig, rig.telephony.codes[MOBILE])

    assert [number.is_verified for number in await rig.listed()] == [True]


async def test_a_number_gets_three_codes_in_ten_minutes_whoever_asks(rig: NumbersRig) -> None:
    await start(rig)
    rig.now += dt.timedelta(minutes=4)
    await start(rig)
    await start(rig, who=rig.bob)

    with pytest.raises(QuotaExceeded) as refusal:
        await start(rig, who=rig.bob)
    assert (refusal.value.code, refusal.value.details["retry_after_seconds"]) == ("rate_limited", 360)

    rig.now += dt.timedelta(minutes=6)
    await start(rig, who=rig.bob)


async def test_parallel_starts_do_not_exceed_the_cap(rig: NumbersRig) -> None:
    codes: list[str] = []

    async def ask(who: Account) -> None:
        try:
            await start(rig, who=who)
            codes.append("sent")
        except VoiceEngineError as error:
            codes.append(error.code)

    async with asyncio.TaskGroup() as group:
        for who in (rig.ada, rig.bob) * 4:
            group.create_task(ask(who))

    assert sorted(codes) == ["rate_limited"] * 5 + ["sent"] * 3


async def test_a_number_gets_only_so_many_codes_a_day(store: Store) -> None:
    rig = await open_numbers(store, given=settings(sends_per_destination=4))
    for _ in range(4):
        await start(rig)
        rig.now += dt.timedelta(hours=1)

    with pytest.raises(QuotaExceeded):
        await start(rig)
    rig.now += dt.timedelta(hours=20)
    await start(rig)


async def test_an_organization_has_only_so_many_codes_a_day(store: Store) -> None:
    rig = await open_numbers(store, given=settings(sends_per_organization=2))
    await start(rig)
    await start(rig, OTHER)

    with pytest.raises(QuotaExceeded):
        await start(rig, "+15559876545")
    await start(rig, "+15559876545", who=rig.bob)


async def sends(store: Store) -> int:
    async with store.system("test", writes=False) as work:
        return int(await work.session.scalar(sa.select(sa.func.count(CodeSend.id))) or 0)


@pytest.mark.parametrize(
    ("carriers", "ours", "kept"),
    [
        ("carrier_unavailable", "carrier_unavailable", 0),
        ("carrier_outcome_unknown", "carrier_outcome_unknown", 1),
        ("invalid_phone_number", "invalid_phone_number", 0),
        ("verification_blocked", "blocked_number", 0),
    ],
)
async def test_a_send_counts_unless_the_carrier_refused_it(
    rig: NumbersRig, store: Store, carriers: str, ours: str, kept: int
) -> None:
    rig.telephony.fail_next(down(carriers))

    with pytest.raises(VoiceEngineError) as refusal:
        await start(rig)

    assert refusal.value.code == ours
    assert await sends(store) == kept
    assert await rig.listed() == []


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "missing_phone_number"),
        ("+34112", "emergency_number"),
        ("+1555123", "invalid_phone_number"),
        ("+449098790000", "toll_number"),
        ("+78005553535", "unsupported_country"),
    ],
)
async def test_no_code_goes_past_the_number_gate(rig: NumbersRig, store: Store, raw: object, code: str) -> None:
    with pytest.raises((InvalidInput, NotAllowed)) as refusal:
        await start(rig, raw)

    assert refusal.value.code == code
    assert await sends(store) == 0


async def test_no_code_goes_to_a_blocked_number(rig: NumbersRig) -> None:
    async with rig.store.system("the operator") as work:
        await safety.block(work, MOBILE, reason="fraud", now=rig.now)

    with pytest.raises(NotAllowed) as refusal:
        await start(rig)
    assert refusal.value.code == "blocked_number"


async def test_no_code_goes_to_a_number_that_was_bought_here(rig: NumbersRig) -> None:
    """A code spoken to somebody's receptionist would stand in a transcript."""
    number = await rig.buy(who=rig.bob)

    with pytest.raises(InvalidInput) as refusal:
        await start(rig, number.e164)
    assert refusal.value.code == "validation_error"


async def test_a_listed_phone_is_proven_by_its_id(rig: NumbersRig) -> None:
    await start(rig)
    [pending] = await rig.listed()
    mine = (rig.ada.organization_id, rig.ada.user_id, pending.id)

    asked = await rig.numbers.proofs.verify(*mine, code=None, channel="call")
    proven = await rig.numbers.proofs.verify(*mine, code=rig.telephony.codes[MOBILE], channel="sms")
    again = await rig.numbers.proofs.verify(*mine, code="000000", channel="sms")

    assert asked.sent is not None
    assert asked.sent.channel == "call"
    assert (proven.number.is_verified, proven.sent) == (True, None)
    assert again.number.is_verified


async def test_a_bought_number_needs_no_code(rig: NumbersRig, store: Store) -> None:
    number = await rig.buy()

    ownership = await rig.numbers.proofs.verify(
        rig.ada.organization_id, rig.ada.user_id, number.id, code=None, channel="sms"
    )

    assert (ownership.number.is_verified, ownership.sent, await sends(store)) == (True, None, 0)


async def test_a_phone_that_may_not_be_rung_any_more_gets_no_further_code(rig: NumbersRig) -> None:
    await start(rig)
    [pending] = await rig.listed()
    async with rig.store.system("the operator") as work:
        await safety.block(work, MOBILE, reason="fraud", now=rig.now)

    with pytest.raises(NotAllowed) as refusal:
        await rig.numbers.proofs.verify(
            rig.ada.organization_id, rig.ada.user_id, pending.id, code=None, channel="sms"
        )
    assert (refusal.value.code, refusal.value.details) == ("forbidden", {"reason": "blocked_number"})


async def test_a_phone_that_was_given_up_is_not_proven_by_an_old_code(rig: NumbersRig) -> None:
    await start(rig)
    [pending] = await rig.listed()
    async with rig.unit() as work:
        await rig.numbers.service.release(work, pending.id, actor=rig.ada.user_id)

    with pytest.raises(InvalidInput) as refusal:
        await check(rig, rig.telephony.codes[MOBILE])
    assert refusal.value.code == "verification_expired"
    await start(rig)
    await check(rig, rig.telephony.codes[MOBILE])
    assert [number.is_verified for number in await rig.listed()] == [True]


async def test_the_code_is_nowhere_but_at_the_carrier(rig: NumbersRig, store: Store) -> None:
    """Not in a row of any table, and not in a log line."""
    with structlog.testing.capture_logs() as lines:
        sent = await start(rig)
        code = rig.telephony.codes[MOBILE]
        await check(rig, code)

    async with store.system("test", writes=False) as work:
        everything = [
            str(row) for table in Row.metadata.sorted_tables for row in await work.session.execute(sa.select(table))
        ]
    assert everything
    assert not [row for row in everything if code in row]
    assert not [line for line in lines if code in str(line)]
    assert code not in str(sent)
