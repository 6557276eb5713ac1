"""The outgoing mail: written with its deed, sent once, kept to be read, forgotten in time."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW
from tests.fakes.business import add_business
from tests.fakes.identity import Clock
from tests.fakes.jobs import InlineJobs
from voice_engine.domains.mail.letters import Letter, LetterKind
from voice_engine.domains.mail.models import MailRow, MailState
from voice_engine.domains.mail.service import FORGET, RETRY, KeptMail, Outgoing, build_mail_jobs
from voice_engine.errors import NotFound, UpstreamFailed
from voice_engine.ports.mail import Mail
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox

SECRET = "https://voice.example.com/reset?token=vel_secret"


@dataclass
class FakeMailer:
    """Takes letters; first fails with each of `faults`."""

    faults: list[UpstreamFailed] = field(default_factory=list)
    sent: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append(mail)


class Post:
    """The outgoing mail of one installation with its jobs."""

    def __init__(self, store: Store, mailer: FakeMailer | None, key: bytes = bytes(32)) -> None:
        self.store, self.clock = store, Clock()
        self.outgoing = Outgoing(SecretBox(key), now=self.clock)
        kinds, self.cron = build_mail_jobs(store, self.outgoing, mailer, kept=dt.timedelta(days=30), now=self.clock)
        self.jobs = InlineJobs(store, kinds, now=self.clock)

    async def write(self, letter_id: str | None = None, *, to: str = "jane@example.com") -> Letter:
        business = await add_business(self.store)
        letter = Letter(
            id=letter_id or new_id(),
            organization_id=business.organization_id,
            kind=LetterKind.RESET,
            to=to,
            subject="Choose",
            text=SECRET,
        )
        async with self.store.system("tests") as work:
            await self.outgoing.post(work, letter)
        return letter

    async def kept(self) -> list[KeptMail]:
        async with self.store.system("tests", writes=False) as work:
            return await self.outgoing.newest(work)


def _fault(*, retryable: bool) -> UpstreamFailed:
    return UpstreamFailed("mail_x", "the mail server says no", provider="smtp", retryable=retryable)


async def test_a_letter_is_sent_once(store: Store) -> None:
    mailer = FakeMailer()
    post = Post(store, mailer)
    letter = await post.write()
    await post.write(letter.id)
    await post.jobs.run_due()

    (kept,) = await post.kept()
    assert [mail.id for mail in mailer.sent] == [letter.id]
    assert (mailer.sent[0].to, mailer.sent[0].text) == ("jane@example.com", SECRET)
    assert (kept.state, kept.sent_at, kept.text) == (MailState.SENT, NOW, SECRET)


async def test_what_is_not_committed_is_not_sent(store: Store) -> None:
    mailer = FakeMailer()
    post = Post(store, mailer)
    business = await add_business(store)
    letter = Letter(
        id=new_id(),
        organization_id=business.organization_id,
        kind=LetterKind.WELCOME,
        to="a@b.example",
        subject="Hello",
        text="Hello",
    )
    with pytest.raises(ZeroDivisionError):
        async with store.system("tests") as work:
            await post.outgoing.post(work, letter)
            raise ZeroDivisionError
    await post.jobs.run_due()

    assert not mailer.sent
    assert not await post.kept()


async def test_without_a_relay_letters_stay_to_be_read(store: Store) -> None:
    post = Post(store, None)
    await post.write()
    await post.jobs.run_due()

    (kept,) = await post.kept()
    assert (kept.state, kept.sent_at, kept.text) == (MailState.KEPT, None, SECRET)


async def test_a_relay_that_is_busy_is_asked_again(store: Store) -> None:
    mailer = FakeMailer([_fault(retryable=True)] * (RETRY.attempts - 1))
    post = Post(store, mailer)
    await post.write()
    (ran,) = await post.jobs.run_due()

    assert (ran.attempts, ran.error) == (RETRY.attempts, None)
    assert (await post.kept())[0].state == MailState.SENT


@pytest.mark.parametrize("retryable", [True, False])
async def test_a_letter_that_nobody_takes_says_why(store: Store, retryable: bool) -> None:
    mailer = FakeMailer([_fault(retryable=retryable)] * RETRY.attempts)
    post = Post(store, mailer)
    await post.write()
    (ran,) = await post.jobs.run_due()

    (kept,) = await post.kept()
    assert ran.attempts == (RETRY.attempts if retryable else 1)
    assert (kept.state, kept.fault) == (MailState.FAILED, "the mail server says no")


async def test_letters_are_sealed_where_they_are_kept(store: Store) -> None:
    post = Post(store, None)
    await post.write()
    async with store.system("tests", writes=False) as work:
        (row,) = (await work.session.execute(sa.select(MailRow.__table__))).all()
        other = Outgoing(SecretBox(bytes([1]) * 32), now=post.clock)
        (unread,) = await other.newest(work)

    assert "vel_secret" not in str(row)
    assert "vel_secret" not in unread.text, "another installation's key opens nothing"


async def test_a_sealed_text_is_that_of_its_letter(store: Store) -> None:
    """Whoever can write to the database cannot have another letter shown under a name."""
    post = Post(store, None)
    first, second = await post.write(), await post.write(to="eve@example.com")
    async with store.system("tests") as work:
        sealed = await work.session.scalar(sa.select(MailRow.text_sealed).where(MailRow.id == first.id))
        await work.session.execute(sa.update(MailRow).where(MailRow.id == second.id).values(text_sealed=sealed))

    async with store.system("tests", writes=False) as work:
        assert SECRET not in (await post.outgoing.find(work, second.id)).text
        assert (await post.outgoing.find(work, first.id)).text == SECRET


async def test_letters_are_forgotten_after_their_days(store: Store) -> None:
    post = Post(store, None)
    old = await post.write()
    post.clock.advance(days=20)
    young = await post.write()
    post.clock.advance(days=11)
    async with store.system("tests") as work:
        await enqueue(work, Job(kind=post.cron.kind, payload={"slot": "x"}))
    await post.jobs.run_due()

    assert post.cron.name == FORGET
    assert [mail.id for mail in await post.kept()] == [young.id]
    with pytest.raises(NotFound):
        async with store.system("tests", writes=False) as work:
            await post.outgoing.find(work, old.id)
