"""One-time tokens: one success of many uses at once, to the second of their lives, and one letter a request."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.fakes.business import Business, add_business
from tests.fakes.jobs import InlineAttempt
from tests.fakes.sign_in import ADDRESS, Desk, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.models import OneTimeTokenRow
from voice_engine.domains.identity.recovery import MAIL_LINK, MailLink, Purpose
from voice_engine.errors import VoiceEngineError
from voice_engine.store.engine import Store
from voice_engine.store.outbox import OutboxRow

NEW = "newSecurePass456"
USES = 20


async def _email(desk: Desk, business: Business) -> str:
    async with desk.store.system("tests", writes=False) as work:
        return (await accounts.get(work, business.user_id)).email


async def _token(desk: Desk, business: Business, purpose: Purpose) -> str:
    email = await _email(desk, business)
    if purpose == "RESET":
        await desk.doors.recovery.ask_reset(email, address=ADDRESS)
    else:
        await desk.doors.recovery.ask_magic_link(email)
    await desk.jobs.run_due()
    at = desk.clock.at
    token = await desk.token(email)
    desk.clock.at = at
    return token


async def _use(desk: Desk, token: str, purpose: Purpose, n: int = 0) -> bool:
    """Whether the token was good."""
    if purpose == "MAGIC":
        return await desk.doors.recovery.spend_magic_link(token) is not None
    try:
        await desk.doors.recovery.reset_password(token, f"{NEW}-{n}", address=ADDRESS)
    except VoiceEngineError as error:
        assert error.code == "invalid_or_expired_token"
        return False
    return True


@pytest.mark.parametrize("purpose", ["RESET", "MAGIC"])
async def test_of_twenty_uses_at_once_one_succeeds(store: Store, purpose: Purpose) -> None:
    business = await add_business(store)
    async with open_desk(store) as desk:
        token = await _token(desk, business, purpose)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_use(desk, token, purpose, n)) for n in range(USES)]
        won = [n for n, task in enumerate(tasks) if task.result()]

        assert len(won) == 1
        if purpose == "RESET":
            email = await _email(desk, business)
            held = [
                n
                for n in range(USES)
                if await desk.identity.passwords.verify(f"{NEW}-{n}", await _password_hash(store, business))
            ]
            assert held == won, f"{email}'s password is that of the one who was told so"


async def _password_hash(store: Store, business: Business) -> str | None:
    async with store.system("tests", writes=False) as work:
        return (await accounts.get(work, business.user_id)).password_hash


@pytest.mark.parametrize(("purpose", "minutes"), [("RESET", 60), ("MAGIC", 15)])
@pytest.mark.parametrize(("off_s", "is_good"), [(-1, True), (0, False), (1, False)])
async def test_a_token_lives_to_the_second(
    store: Store, purpose: Purpose, minutes: int, off_s: int, is_good: bool
) -> None:
    business = await add_business(store)
    async with open_desk(store) as desk:
        token = await _token(desk, business, purpose)
        desk.clock.advance(minutes=minutes, seconds=off_s)

        assert await _use(desk, token, purpose) is is_good


async def test_a_reset_ends_the_links_that_are_out(store: Store) -> None:
    """Whoever took the mailbox over may have asked for them before."""
    business = await add_business(store)
    async with open_desk(store) as desk:
        magic = await _token(desk, business, "MAGIC")
        desk.clock.advance(seconds=1)
        reset = await _token(desk, business, "RESET")

        assert await _use(desk, reset, "RESET")
        assert not await _use(desk, magic, "MAGIC")


async def test_asking_twice_at_once_leaves_one_token(store: Store) -> None:
    business = await add_business(store)
    async with open_desk(store) as desk:
        email = await _email(desk, business)
        async with asyncio.TaskGroup() as group:
            for n in range(6):
                group.create_task(desk.doors.recovery.mail_link("RESET", email, request_id=f"request {n}"))

        assert len(await desk.letters(email)) == 6
        async with store.system("tests", writes=False) as work:
            tokens = await work.session.scalar(sa.select(sa.func.count()).select_from(OneTimeTokenRow))
            assert tokens == 1


async def test_a_request_that_is_done_again_writes_no_second_letter(store: Store) -> None:
    """A worker may die between its commit and its note of it."""
    business = await add_business(store)
    async with open_desk(store) as desk:
        email = await _email(desk, business)
        await desk.doors.recovery.ask_reset(email, address=ADDRESS)
        (row,) = await desk.jobs.waiting(MAIL_LINK)
        handler = MailLink(desk.doors.recovery)
        for number in (1, 2):
            await handler.run(row.payload, InlineAttempt(job_id=row.id, number=number, most=5))
        async with store.system("tests") as work:
            await work.session.execute(sa.delete(OutboxRow).where(OutboxRow.id == row.id))

        (letter,) = await desk.letters(email)
        assert letter.kind == "RESET"
        assert await _use(desk, await desk.token(email), "RESET"), "the letter's token is the one that holds"


async def test_a_reset_shows_that_the_address_is_the_users(store: Store) -> None:
    business = await add_business(store)
    async with open_desk(store) as desk:
        assert await _use(desk, await _token(desk, business, "RESET"), "RESET")

    async with store.system("tests", writes=False) as work:
        user = await accounts.get(work, business.user_id)
        assert user.email_verified_at is not None
        assert user.password_hash is not None


async def test_a_reset_is_what_a_forced_change_asked_for(store: Store) -> None:
    business = await add_business(store, must_change_password=True)
    async with open_desk(store) as desk:
        assert await _use(desk, await _token(desk, business, "RESET"), "RESET")

    async with store.system("tests", writes=False) as work:
        assert not (await accounts.get(work, business.user_id)).must_change_password
