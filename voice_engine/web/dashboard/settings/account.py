"""The person: name, language, time zone; and the organization's plan."""

import zoneinfo

from starlette.responses import Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.errors import NotAllowed
from voice_engine.web.dashboard.figures.allowance import read_allowance
from voice_engine.web.dashboard.settings.desk import text_of
from voice_engine.web.dashboard.settings.plan import larger_plans
from voice_engine.web.dashboard.view import View

HOME = "/app/settings"


async def show_account(view: View) -> Response:
    """Who looks, and how pages are written for them."""
    async with view.store.read(view.organization_id) as work:
        user = await accounts.get(work, view.viewer.user_id)
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
    allowance = await read_allowance(view)
    return view.page(
        "settings/account.html",
        has_password=user.password_hash is not None,
        zones=zones,
        allowance=allowance,
        larger=larger_plans(view, allowance.plan),
    )


async def set_name(view: View) -> Response:
    """Keep the person's name."""
    name = await text_of(view, "name")
    async with view.store.begin(view.organization_id) as work:
        await accounts.set_name(work, view.viewer.user_id, name)
    return view.go(f"{HOME}?done=name")


async def set_timezone(view: View) -> Response:
    """Keep the organization's time zone. A business's stands with its hours, and in its prompt."""
    if view.viewer.is_business:
        raise NotAllowed("timezone_elsewhere", view.words["error_timezone_elsewhere"])
    zone = await text_of(view, "timezone")
    async with view.store.begin(view.organization_id) as work:
        await accounts.set_timezone(work, zone, now=view.services.now(), actor=view.viewer.user_id)
    return view.go(f"{HOME}?done=timezone")
