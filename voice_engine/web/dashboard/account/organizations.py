"""Which organization one looks at: the own ones, another, a new business."""

from zoneinfo import available_timezones

from starlette.responses import Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.web.dashboard.view import View, route

NAME = "account"


async def show_organizations(view: View) -> Response:
    """The person's organizations."""
    async with view.store.system("a person's own organizations", writes=False) as work:
        mine = await accounts.list_memberships(work, view.viewer.user_id)
        shown = [
            {"id": organization.id, "name": organization.name, "kind": organization.kind, "role": role}
            for organization, role in mine
        ]
    zones = sorted(available_timezones())
    return view.page("account/organizations.html", organizations=shown, zones=zones, may_add=_may_add(view))


async def switch(view: View) -> Response:
    """Look at another one from now on, in this browser."""
    identity = view.services.identity
    assert identity is not None
    await identity.sessions.move(view.viewer.caller, str((await view.form()).get("organization", "")))
    return view.go("/app")


async def add_business(view: View) -> Response:
    """A business of one's own beside what one has, and look at it. Where nobody may sign up, operators add them.

    Raises:
        NotAllowed: `sign_up_closed`, `too_many_businesses`.
    """
    if not _may_add(view):
        raise NotAllowed("sign_up_closed", view.words["error_sign_up_closed"])
    form = await view.form()
    zone = str(form.get("timezone", ""))
    if zone not in available_timezones():
        raise InvalidInput("validation_error", "timezone must be a name like America/New_York")
    services = view.services
    assert services.identity is not None
    assert services.api is not None and services.api.minutes is not None, "this process serves businesses"
    async with view.store.system("an organization is made with its owner") as work:
        made = await accounts.add_business(
            work,
            view.viewer.user_id,
            name=str(form.get("name", "")),
            timezone=zone,
            most=None if view.viewer.person.is_operator else services.identity.settings.businesses_per_person,
            now=services.now(),
        )
        await services.api.minutes.open_account(work, made.id)
        organization_id = made.id
    await services.identity.sessions.move(view.viewer.caller, organization_id)
    return view.go("/app")


def _may_add(view: View) -> bool:
    identity = view.services.identity
    assert identity is not None, "the web app needs the sign-in"
    return view.viewer.person.is_operator or identity.settings.open_sign_up


ROUTES = [
    route("/app/organizations", show_organizations, area=NAME),
    route("/app/organizations", add_business, area=NAME, methods=["POST"]),
    route("/app/organization", switch, area=NAME, methods=["POST"]),
]
