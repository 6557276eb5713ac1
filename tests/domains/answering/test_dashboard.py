"""Calls out of a browser: whom a dashboard may ring."""

from pathlib import Path

import pytest

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.inbound import OURS
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.answering.dashboard import DashboardCalls
from voice_engine.domains.inbound.decisions import Announce, Forward
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.safety import service as safety
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

CUSTOMER = "+12125550143"


def dashboard(rig: BusinessRig) -> DashboardCalls:
    return DashboardCalls(rig.store, rig.calls.domain.checks, rig.calls.domain.minutes, now=rig.calls.clock)


def client(rig: BusinessRig) -> str:
    return f"client:org_{rig.business.organization_id}:user_{rig.business.user_id}"


async def test_a_customer_is_rung_from_the_organizations_number(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path)
    decision = await dashboard(rig).receive(client(rig), CUSTOMER)
    assert decision == Forward(number=CUSTOMER, caller_id=OURS, ring_s=45, ask_after=False)


@pytest.mark.parametrize("called", ["", "911", "+911", "+19005550143", OURS, "sip:x@y", "+8613800138000"])
async def test_no_other_number_is(store: Store, tmp_path: Path, called: str) -> None:
    rig = await open_business_line(store, tmp_path)
    assert isinstance(await dashboard(rig).receive(client(rig), called), Announce)


async def test_who_wants_no_calls_a_smaller_plan_and_a_suspended_business_get_a_notice(
    store: Store, tmp_path: Path
) -> None:
    rig = await open_business_line(store, tmp_path / "a")
    small = await open_business_line(store, tmp_path / "b", Tier.PRO, number="+14155550101")
    assert isinstance(await dashboard(small).receive(client(small), CUSTOMER), Announce)
    async with rig.store.begin(rig.account.organization_id) as work:
        await safety.suppress(work, "+12125550144", now=rig.calls.now)
    assert isinstance(await dashboard(rig).receive(client(rig), "+12125550144"), Announce)
    await rig.describe(status=OrganizationStatus.SUSPENDED)
    assert isinstance(await dashboard(rig).receive(client(rig), CUSTOMER), Announce)


@pytest.mark.parametrize(
    "caller", ["client:", "client:x", "client:org_nobody:user_x", "client:org_o1:widget_w1", "client:org_:user_"]
)
async def test_a_client_of_nobodys_is_told_so(store: Store, tmp_path: Path, caller: str) -> None:
    rig = await open_business_line(store, tmp_path)
    assert isinstance(await dashboard(rig).receive(caller, CUSTOMER), Announce)
