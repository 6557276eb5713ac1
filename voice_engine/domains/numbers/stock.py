"""Numbers that can be bought, as the carrier has them now. No unit of work is open while it is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.safety.countries import COUNTRIES, Country
from voice_engine.errors import NotAllowed
from voice_engine.ports.telephony import AvailableNumber, NumberKind, NumberTelephony

ANY_SHELF: tuple[NumberKind, ...] = ("local", "mobile")
"""Where to look for any number of a country: some sell no local ones. Toll-free ones are asked for by area code."""


_CONTAINS = re.compile(r"[0-9]{2,10}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants. `country` is two capital letters, `area_code` digits; both are judged here.

    `locality` is a city of North America, by its whole name; elsewhere it is not looked at. `contains` are digits
    that stand together somewhere in the number.
    """

    country: str
    area_code: str | None = None
    locality: str | None = None
    contains: str | None = None


class Stock:
    """The carrier's shelves."""

    def __init__(self, telephony: NumberTelephony, settings: NumberSettings) -> None:
        self._telephony = telephony
        self._settings = settings

    async def search(self, wish: Wish, *, limit: int) -> Sequence[AvailableNumber]:
        """At most `limit` numbers; empty when there is none.

        Raises:
            InvalidInput: `validation_error`.
            NotAllowed: `unsupported_country`.
            UpstreamFailed: the carrier does not answer.
        """
        area = check_shape(wish)
        country = self.country(wish.country)
        if country.dial_code == plan.NORTH_AMERICA:
            shelf: NumberKind = "toll_free" if area in plan.TOLL_FREE_AREAS else "local"
            return await self._telephony.search_numbers(
                country.code, shelf, area_code=area, contains=wish.contains, locality=wish.locality, limit=limit
            )
        for shelf in ANY_SHELF:
            if found := await self._abroad(country, shelf, area, wish.contains, limit=limit):
                return found
        return ()

    async def find(self, country: str, e164: str) -> AvailableNumber | None:
        """This very number, when it can be bought now. Raises as `search`."""
        found = await self._telephony.search_numbers(
            self.country(country).code, plan.kind(e164), contains=e164[1:], limit=5
        )
        return next((number for number in found if number.e164 == e164), None)

    def country(self, code: str) -> Country:
        """The country. Raises NotAllowed `unsupported_country` where no numbers are bought."""
        country = COUNTRIES.get(code)
        if country is None or country.code not in self._settings.countries:
            raise NotAllowed(
                "unsupported_country", f"no numbers of {code} can be had here; see the list of supported countries"
            )
        return country

    async def _abroad(
        self, country: Country, shelf: NumberKind, area: str | None, contains: str | None, *, limit: int
    ) -> Sequence[AvailableNumber]:
        """Outside North America an area is asked for by the number's first digits."""
        if area is None:
            return await self._telephony.search_numbers(country.code, shelf, contains=contains, limit=limit)
        start = country.dial_code + area
        found = await self._telephony.search_numbers(country.code, shelf, contains=f"{start[1:]}*", limit=50)
        fit = [one for one in found if one.e164.startswith(start) and (contains or "") in one.e164]
        return fit[:limit]


def check_shape(wish: Wish) -> str | None:
    """The wish's area code, before anything is looked up. Raises InvalidInput `validation_error`."""
    if wish.contains is not None and not _CONTAINS.fullmatch(wish.contains):
        raise plan.field_fault("contains", "must be two to ten digits that stand together in the number")
    country = COUNTRIES.get(wish.country)
    return plan.check_area_code(None if country is None else country.dial_code, wish.area_code)
