"""The outgoing mail: written with the deed that it tells of, handed to a relay afterwards, kept to be read."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from voice_engine.domains.mail import repository
from voice_engine.domains.mail.letters import Letter
from voice_engine.domains.mail.models import SUBJECT_LENGTH, MailRow, MailState
from voice_engine.errors import InvalidInput, NotFound, UpstreamFailed
from voice_engine.ports.jobs import Attempt, CronEntry, JobKind, RetryPolicy
from voice_engine.ports.mail import Mail, Mailer
from voice_engine.store import outbox
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

SEND = "mail.send"
"""The job that sends a letter; its payload has `mail_id`."""
FORGET = "mail.forget"
RETRY = RetryPolicy(attempts=8, first_s=10.0, factor=3.0, longest_s=3600.0)
"""Relays that greylist let a letter in after some minutes; eight attempts span two hours."""
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A letter as the operator reads it."""

    id: str
    kind: str
    to: str
    subject: str
    state: MailState
    created_at: dt.datetime
    sent_at: dt.datetime | None
    fault: str | None
    text: str = field(repr=False)


class Outgoing:
    """Writes and reads letters."""

    def __init__(self, box: SecretBox, *, now: Callable[[], dt.datetime]) -> None:
        self._box = box
        self._now = now

    async def post(self, work: UnitOfWork, letter: Letter) -> bool:
        """Write a letter in this unit and have it sent after the commit; False when it was written before."""
        written = await repository.add_mail(
            work,
            {
                "id": letter.id,
                "organization_id": letter.organization_id,
                "kind": letter.kind,
                "to_address": letter.to,
                "subject": letter.subject[:SUBJECT_LENGTH],
                "text_sealed": self._box.seal(letter.text, context=_context(letter.id)),
                "state": MailState.QUEUED,
                "created_at": self._now(),
            },
        )
        if written:
            await outbox.enqueue(
                work, outbox.Job(kind=SEND, payload={"mail_id": letter.id}, key=f"{SEND}:{letter.id}")
            )
        return written

    async def has(self, work: UnitOfWork, mail_id: str) -> bool:
        """Whether this letter was written before."""
        return await repository.find_mail(work, mail_id) is not None

    async def newest(self, work: UnitOfWork, *, most: int = 50, to: str | None = None) -> list[KeptMail]:
        """Letters of every organization, the newest first. For the operator: they hold links that sign in."""
        return [self.read(row) for row in await repository.list_mails(work, most=most, to_address=to)]

    async def find(self, work: UnitOfWork, mail_id: str) -> KeptMail:
        """One letter. Raises NotFound `mail_not_found`."""
        row = await repository.find_mail(work, mail_id)
        if row is None:
            raise NotFound("mail_not_found", "there is no such letter, or it is too old to be kept")
        return self.read(row)

    def read(self, row: MailRow) -> KeptMail:
        """The letter in clear; what another key sealed is told instead of its text."""
        try:
            text = self._box.open(row.text_sealed, context=_context(row.id))
        except InvalidInput as error:
            text = f"({error.message})"
        return KeptMail(
            id=row.id,
            kind=row.kind,
            to=row.to_address,
            subject=row.subject,
            state=MailState(row.state),
            created_at=row.created_at,
            sent_at=row.sent_at,
            fault=row.fault,
            text=text,
        )


class SendMail:
    """`JobHandler` of `mail.send`. A crash between the relay's yes and our note sends the same id twice."""

    def __init__(
        self, store: Store, outgoing: Outgoing, mailer: Mailer | None, *, now: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._outgoing = outgoing
        self._mailer = mailer
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Send one letter, or leave it where it can be read. Raises UpstreamFailed; it is tried again."""
        mail_id = str(payload["mail_id"])
        async with self._store.system("mail is the installation's", writes=False) as work:
            row = await repository.find_mail(work, mail_id)
            if row is None or row.state == MailState.SENT:
                return
            mail = self._outgoing.read(row)
        if self._mailer is None:
            await self._note(mail_id, MailState.KEPT)
            return
        try:
            await self._mailer.send(Mail(id=mail.id, to=mail.to, subject=mail.subject, text=mail.text))
        except UpstreamFailed as error:
            if attempt.is_last or not error.retryable:
                await self._note(mail_id, MailState.FAILED, fault=error.message)
            raise
        await self._note(mail_id, MailState.SENT, at=self._now())

    async def _note(
        self, mail_id: str, state: MailState, *, at: dt.datetime | None = None, fault: str | None = None
    ) -> None:
        async with self._store.system("mail is the installation's") as work:
            cut = None if fault is None else fault[:SUBJECT_LENGTH]
            await repository.set_state(work, mail_id, state, at=at, fault=cut)


class ForgetMail:
    """`JobHandler` of `mail.forget`: letters are kept for some days."""

    def __init__(self, store: Store, kept: dt.timedelta, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._kept = kept
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Delete what is too old."""
        async with self._store.system("mail is the installation's") as work:
            await repository.delete_older(work, before=self._now() - self._kept)


def build_mail_jobs(
    store: Store, outgoing: Outgoing, mailer: Mailer | None, *, kept: dt.timedelta, now: Callable[[], dt.datetime]
) -> tuple[list[JobKind], CronEntry]:
    """The kinds of work that mail makes, and the daily tidying."""
    send = JobKind(name=SEND, handler=SendMail(store, outgoing, mailer, now=now), retry=RETRY, timeout_s=120.0)
    forget = JobKind(name=FORGET, handler=ForgetMail(store, kept, now=now))
    return [send, forget], CronEntry(name=FORGET, kind=FORGET, every_s=DAY_S, offset_s=3 * 3600)


def _context(mail_id: str) -> str:
    return f"mail:{mail_id}"
