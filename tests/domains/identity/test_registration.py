"""A registration happens as a whole or not at all."""

import pytest
import sqlalchemy as sa

from tests.fakes.business import business_identity
from tests.fakes.identity import CHEAP, ISSUER, Clock, Setup, open_bench
from tests.fakes.sign_in import ADDRESS, JANE
from voice_engine.domains.accounts.models import Membership, Organization, User
from voice_engine.domains.identity.registration import NewBusiness, Registration
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.mail.models import MailRow
from voice_engine.domains.mail.service import Outgoing
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store
from voice_engine.store.outbox import OutboxRow
from voice_engine.store.uow import UnitOfWork

BUSINESS = NewBusiness(
    name=JANE["name"], email=JANE["email"], password=JANE["password"], organization_name="Acme Corp"
)


async def _no_account(_work: UnitOfWork, _organization_id: str) -> None:
    raise ZeroDivisionError


async def test_when_its_account_cannot_be_opened_nothing_is_left(store: Store) -> None:
    identity = business_identity(store, Clock())
    registration = Registration(
        identity, Outgoing(identity.box, now=identity.now), open_account=_no_account, sign_in_page="x"
    )
    with pytest.raises(ZeroDivisionError):
        await registration.register(BUSINESS, address=ADDRESS)

    async with store.system("tests", writes=False) as work:
        for table in (Organization, User, Membership, MailRow, OutboxRow):
            assert await work.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table


async def test_a_server_that_takes_nobody_says_so(store: Store) -> None:
    settings = IdentitySettings(issuer=ISSUER, open_sign_up=False, password_cost=CHEAP)
    identity = open_bench(store, Setup(settings=settings)).identity
    registration = Registration(
        identity,
        Outgoing(identity.box, now=identity.now),
        open_account=MinutesService(identity.now).open_account,
        sign_in_page="x",
    )
    with pytest.raises(InvalidInput) as caught:
        await registration.register(BUSINESS, address=ADDRESS)

    assert caught.value.code == "sign_up_closed"
