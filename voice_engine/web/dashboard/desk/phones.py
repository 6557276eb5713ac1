"""Phones of one's own: proven by a code that is sent or spoken there, then calls may be handed to them."""

from starlette.responses import Response

from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.service import Use
from voice_engine.errors import NotFound
from voice_engine.web.dashboard.desk.numbers import PATH, channel_of
from voice_engine.web.dashboard.desk.reach import NAME, numbers_of, require, text_of
from voice_engine.web.dashboard.view import View, route

MOST_CODE = 10
"""Characters of a code; six digits are usual."""


async def send_code(view: View) -> Response:
    """Send or speak a code to a phone."""
    form, domain = await view.form(), numbers_of(view)
    raw = text_of(form, "phone_number")
    sent = await domain.proofs.start(view.organization_id, view.viewer.user_id, raw, channel_of(form))
    return view.page(
        "desk/_code.html",
        sent=sent,
        number=None,
        written=view.formats.phone(sent.e164),
        is_local=domain.service.settings.provider == "local",
    )


async def check_code(view: View) -> Response:
    """Give back the code; what was waiting for it (a forwarding) is done then."""
    form, domain = await view.form(), numbers_of(view)
    e164, forwarded = plan.read_e164(text_of(form, "phone_number")), text_of(form, "number_id")
    if e164 is None:
        raise NotFound("verification_not_found", "no code is on its way to this number; start a verification")
    if forwarded:
        require(view, Feature.TRANSFER)
    code = "".join(text_of(form, "code").split())[:MOST_CODE]
    await domain.proofs.check(view.organization_id, view.viewer.user_id, e164, code)
    if not forwarded:
        return view.go(f"{PATH}?done=verified")
    async with view.store.begin(view.organization_id) as work:
        await domain.service.set_forwarding(work, forwarded, e164)
    return view.go(f"{PATH}?done=forwarded")


async def set_target(view: View) -> Response:
    """Make a proven phone the one that calls are handed to when nobody names another."""
    require(view, Feature.TRANSFER)
    form, service = await view.form(), numbers_of(view).service
    async with view.store.begin(view.organization_id) as work:
        number = await service.get(work, str(view.request.path_params["id"]))
        await service.configure(work, Use(e164=number.e164, as_target=True))
        await service.add_target(work, number.e164, label=text_of(form, "label") or None, is_default=True)
    return view.go(f"{PATH}?done=phone_added")


ROUTES = (
    route(f"{PATH}/phones", send_code, area=NAME, methods=["POST"]),
    route(f"{PATH}/phones/check", check_code, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/target", set_target, area=NAME, methods=["POST"]),
)
