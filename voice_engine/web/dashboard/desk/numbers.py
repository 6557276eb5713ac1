"""The numbers of an organization: who answers each, what it costs, where it forwards, buying and releasing."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from starlette.datastructures import FormData
from starlette.responses import Response

from voice_engine.domains.answering.readiness import read_readiness
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.purchases import Order
from voice_engine.domains.numbers.service import Use
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.safety.countries import countries_by_name
from voice_engine.domains.safety.digits import strip_formatting
from voice_engine.errors import InvalidInput
from voice_engine.ports.telephony import AvailableNumber, VerificationChannel
from voice_engine.store.idempotency import KeyedRequest, hash_body
from voice_engine.web.dashboard.desk.reach import (
    NAME,
    business_numbers_of,
    may,
    numbers_of,
    region_of,
    require,
    text_of,
)
from voice_engine.web.dashboard.view import View, route

PATH = "/app/numbers"
BUY = "POST /app/numbers/buy"
MOST_FOUND = 12
MOST_LABEL, MOST_NAME = 60, 15
DONE = frozenset({"bought", "released", "forwarded", "unforwarded", "shown", "named", "verified", "phone_added"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A bought number on its page. `answered_by`: an assistant's name, None where it is nobody's."""

    number: PhoneNumber
    answered_by: str | None
    price_cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A number for sale. `key` names the purchase: sent twice, it is one."""

    number: AvailableNumber
    written: str
    price_cents: int | None
    key: str


async def show_numbers(view: View) -> Response:
    """All of them."""
    domain = numbers_of(view)
    async with view.store.read(view.organization_id) as work:
        known = await domain.service.list_all(work)
        targets = await domain.service.list_targets(work)
        readiness = await read_readiness(work, at=view.services.now())
        shown_by_calls = await domain.service.caller_id_for(work)
    answering = {line.number.id: line.assistant for line in readiness.lines}
    bought = [number for number in known if not number.is_own]
    done = view.request.query_params.get("done", "")
    return view.page(
        "desk/numbers.html",
        numbers=[
            Shown(
                number=number,
                answered_by=assistant.name if (assistant := answering.get(number.id)) else None,
                price_cents=number.monthly_cents,
            )
            for number in bought
        ],
        own=[number for number in known if number.is_own],
        targets={target.row.e164: target for target in targets},
        shown_by_calls=shown_by_calls,
        is_local=domain.service.settings.provider == "local",
        may_buy=not (view.viewer.is_business and bought),
        needs_assistant=view.viewer.is_business and readiness.assistant is None,
        may_forward=may(view, Feature.TRANSFER),
        countries=[country for country in countries_by_name() if country.code in domain.service.settings.countries],
        country_names=country_names(view),
        region=await region_of(view),
        done=done if done in DONE else "",
    )


async def search(view: View) -> Response:
    """Numbers that can be bought now."""
    query, domain = view.request.query_params, numbers_of(view)
    wish = Wish(
        country=query.get("country", ""),
        area_code=query.get("area_code", "").strip() or None,
        contains=strip_formatting(query.get("contains", "")) or None,
    )
    found = await domain.stock.search(wish, limit=MOST_FOUND)
    settings = domain.service.settings
    offers = [
        Offer(
            number=number,
            written=view.formats.phone(number.e164),
            price_cents=settings.monthly_cents(number.country, number.kind),
            key=secrets.token_hex(16),
        )
        for number in found
        if not number.address_required
    ]
    return view.page("desk/_offers.html", offers=offers, is_local=settings.provider == "local")


async def buy(view: View) -> Response:
    """Buy one of them; the same form sent again has bought the same one."""
    form = await view.form()
    e164, country, key = (text_of(form, name) for name in ("phone_number", "country", "key"))
    if not key:
        raise InvalidInput("validation_error", view.words["error_form_stale"])
    once = KeyedRequest(
        user_id=view.viewer.user_id, route=BUY, key=key, body_hash=hash_body([view.organization_id, e164, country])
    )
    if view.viewer.is_business:
        await business_numbers_of(view).provision(
            view.organization_id, view.viewer.user_id, area_code=None, e164=e164, key=once
        )
    else:
        order = Order(wish=Wish(country=country), e164=e164, user_id=view.viewer.user_id)
        await numbers_of(view).purchases.provision(view.organization_id, order, key=once)
    return view.go(f"{PATH}?done=bought")


async def release(view: View) -> Response:
    """Give a number up."""
    async with view.store.begin(view.organization_id) as work:
        await numbers_of(view).service.release(work, _id(view), actor=view.viewer.user_id)
    return view.go(f"{PATH}?done=released")


async def show_by_calls(view: View) -> Response:
    """Have calls show this number."""
    domain = numbers_of(view)
    async with view.store.read(view.organization_id) as work:
        number = await domain.service.get(work, _id(view))
    await domain.showing.configure(view.organization_id, Use(e164=number.e164, as_caller_id=True))
    return view.go(f"{PATH}?done=shown")


async def name(view: View) -> Response:
    """What the number is called here, and the name that its calls show."""
    form, service = await view.form(), numbers_of(view).service
    label, caller_name = text_of(form, "label")[:MOST_LABEL], text_of(form, "caller_id_name")[:MOST_NAME]
    async with view.store.begin(view.organization_id) as work:
        number = await service.get(work, _id(view))
        await service.configure(work, Use(e164=number.e164, label=label))
        if not number.is_own and caller_name != (number.caller_id_name or ""):
            await service.set_caller_id_name(work, number.id, caller_name)
    return view.go(f"{PATH}?done=named")


async def forward(view: View) -> Response:
    """Have a number's calls ring a phone: at once if it is proven, else after its code."""
    require(view, Feature.TRANSFER)
    form, domain = await view.form(), numbers_of(view)
    raw = text_of(form, "forwarding_number")
    async with view.store.begin(view.organization_id) as work:
        number = await domain.service.get(work, _id(view))
        proven = [one.e164 for one in await domain.service.list_all(work) if one.is_own and one.is_verified]
        if strip_formatting(raw) in proven:
            await domain.service.set_forwarding(work, number.id, raw)
            return view.go(f"{PATH}?done=forwarded")
    sent = await domain.proofs.start(view.organization_id, view.viewer.user_id, raw, channel_of(form))
    return view.page(
        "desk/_code.html",
        sent=sent,
        number=number,
        written=view.formats.phone(sent.e164),
        is_local=domain.service.settings.provider == "local",
    )


async def unforward(view: View) -> Response:
    """Have a number's calls answered here again."""
    async with view.store.begin(view.organization_id) as work:
        await numbers_of(view).service.remove_forwarding(work, _id(view))
    return view.go(f"{PATH}?done=unforwarded")


def country_names(view: View) -> Mapping[str, str]:
    """Countries' names in the page's language, by ISO code."""
    names: Mapping[str, str] = Locale.parse(view.language).territories
    return names


def channel_of(form: FormData) -> VerificationChannel:
    """How a code is to come: written, or spoken by a call."""
    return "call" if text_of(form, "channel") == "call" else "sms"


def _id(view: View) -> str:
    return str(view.request.path_params["id"])


ROUTES = (
    route(PATH, show_numbers, area=NAME),
    route(f"{PATH}/search", search, area=NAME),
    route(f"{PATH}/buy", buy, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/release", release, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/shown", show_by_calls, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/name", name, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/forwarding", forward, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/unforward", unforward, area=NAME, methods=["POST"]),
)
