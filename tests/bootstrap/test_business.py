"""The business surface out of the environment."""

import datetime as dt

import pytest

from tests.fakes.business import add_business
from tests.fakes.identity import Clock
from tests.fakes.jobs import InlineJobs
from tests.fakes.smtp import Relay, served
from voice_engine.bootstrap.business import open_mailer
from voice_engine.config import MailSection, load_settings
from voice_engine.domains.mail.letters import Letter, LetterKind
from voice_engine.domains.mail.models import MailState
from voice_engine.domains.mail.service import Outgoing, build_mail_jobs
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox


def section(**environ: str) -> MailSection:
    return load_settings({f"VOICE_ENGINE_MAIL__{name}": value for name, value in environ.items()}).mail


async def test_a_letter_goes_from_its_row_to_the_configured_relay(store: Store) -> None:
    relay, clock = Relay(), Clock()
    async with served(relay) as reached:
        mailer = open_mailer(
            section(HOST=reached.host, PORT=str(reached.port), SECURITY="none", SENDER="Desk <desk@acme.example>")
        )
        outgoing = Outgoing(SecretBox(bytes(32)), now=clock)
        kinds, _ = build_mail_jobs(store, outgoing, mailer, kept=dt.timedelta(days=1), now=clock)
        business = await add_business(store)
        letter = Letter(
            id=new_id(),
            organization_id=business.organization_id,
            kind=LetterKind.RESET,
            to="jane@example.com",
            subject="Choose",
            text="Hello Jane\n",
        )
        async with store.system("tests") as work:
            await outgoing.post(work, letter)
        (ran,) = await InlineJobs(store, kinds, now=clock).run_due()

    assert ran.error is None
    assert [(taken.mail_from, taken.rcpt_tos) for taken in relay.taken] == [
        ("desk@acme.example", ["jane@example.com"])
    ]
    async with store.system("tests", writes=False) as work:
        assert (await outgoing.find(work, letter.id)).state == MailState.SENT


def test_without_a_relay_there_is_no_way_out() -> None:
    assert open_mailer(section()) is None


def test_a_sender_that_is_none_stops_the_start() -> None:
    with pytest.raises(InvalidInput) as caught:
        open_mailer(section(HOST="smtp.example.com", SENDER="the desk"))

    assert caught.value.code == "mail_sender_invalid"
