"""AvailablePhoneNumbers and IncomingPhoneNumbers."""

import itertools
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice_engine.carrier.rest import inventory
from voice_engine.carrier.rest.answers import ApiError, Form, not_found, page
from voice_engine.carrier.rest.carrier import Carrier

SHOWN = 50
"""Twilio shows 50 available numbers at most (30 by default)."""


class NumberRoutes:
    """Numbers for sale and the account's own."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def search(self, request: Request) -> Response:
        """Numbers for sale."""
        country, kind = request.path_params["country"], request.path_params["kind"]
        if kind not in inventory.KINDS or not inventory.sold(country, kind):
            raise not_found(request.url.path)
        form = Form.query(request)
        area = form.get("AreaCode")
        if area is not None and not (len(area) == 3 and area.isascii() and area.isdigit()):
            raise ApiError(400, 21451, f"AreaCode {area} is invalid")
        contains = form.get("Contains")
        if contains is not None and len(contains.replace("+", "")) < 2:
            raise ApiError(400, 21459, "Contains needs two digits at least")
        numbers, city = self._carrier.numbers, form.get("InLocality")
        free = (
            number
            for number in inventory.shelf(country, kind, area_code=area)
            if (contains is None or inventory.matches(number.e164, contains))
            and (city is None or (number.locality or "").casefold() == city.casefold())
            and numbers.find(number.e164) is None
        )
        size = form.whole("PageSize", SHOWN, least=1, most=1000)
        shown = [_json(number) for number in itertools.islice(free, min(size, SHOWN))]
        return JSONResponse({"available_phone_numbers": shown, "uri": str(request.url.path)})

    async def buy(self, request: Request) -> Response:
        """Buy one."""
        number = await self._carrier.numbers.buy(await Form.read(request))
        return JSONResponse(number.json(self._account), status_code=201)

    async def list(self, request: Request) -> Response:
        """The account's numbers."""
        form = Form.query(request)
        pattern, name = form.get("PhoneNumber"), form.get("FriendlyName")
        shown = [
            number.json(self._account)
            for number in self._carrier.numbers.all()
            if (pattern is None or inventory.matches(number.e164, pattern))
            and (name is None or number.friendly_name == name)
        ]
        return page(request, "incoming_phone_numbers", shown)

    async def fetch(self, request: Request) -> Response:
        """One of the account's numbers."""
        return JSONResponse(self._carrier.numbers.get(request.path_params["sid"]).json(self._account))

    async def update(self, request: Request) -> Response:
        """Change its settings."""
        number = await self._carrier.numbers.change(request.path_params["sid"], await Form.read(request))
        return JSONResponse(number.json(self._account))

    async def release(self, request: Request) -> Response:
        """Give it back."""
        await self._carrier.numbers.release(request.path_params["sid"])
        return Response(status_code=204)

    @property
    def _account(self) -> str:
        return self._carrier.settings.account_sid


def _json(number: inventory.ForSale) -> dict[str, Any]:
    return {
        "friendly_name": number.e164,
        "phone_number": number.e164,
        "lata": None,
        "locality": number.locality,
        "rate_center": None,
        "latitude": None,
        "longitude": None,
        "region": number.region,
        "postal_code": None,
        "iso_country": number.country,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "SMS": False, "MMS": False, "fax": False},
    }
