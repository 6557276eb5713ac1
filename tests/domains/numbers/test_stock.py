"""The right shelf is asked, in the way each country needs."""

import pytest

from tests.domains.numbers.rig import NumbersRig, open_numbers
from tests.fakes.telephony import FakeTelephony
from voice_engine.domains.numbers.stock import Stock, Wish
from voice_engine.errors import InvalidInput
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.store.engine import Store

LONDON = AvailableNumber(e164="+442079460123", country="GB", kind="local")
CARDIFF = AvailableNumber(e164="+442920790123", country="GB", kind="local")
DANISH = AvailableNumber(e164="+4520123456", country="DK", kind="mobile")
SHELF = (LONDON, CARDIFF, DANISH)


async def found(stock: Stock, country: str, area: str | None = None, limit: int = 20) -> list[str]:
    return [number.e164 for number in await stock.search(Wish(country=country, area_code=area), limit=limit)]


async def test_toll_free_numbers_are_asked_for_by_their_area(store: Store) -> None:
    stock = (await open_numbers(store)).numbers.stock

    assert (await found(stock, "US", "800"))[0] == "+18005550100"
    assert all(number.startswith("+1415") for number in await found(stock, "US"))


async def test_abroad_an_area_is_the_numbers_beginning(store: Store) -> None:
    """The carrier matches digits anywhere; only numbers that begin so are of the area."""

    class Anywhere(FakeTelephony):
        async def search_numbers(self, *args: object, **named: object) -> list[AvailableNumber]:
            return [LONDON, CARDIFF]

    rig = await open_numbers(store)

    assert await found(Stock(Anywhere(), rig.settings), "GB", "29") == [CARDIFF.e164]


async def test_a_country_without_local_numbers_sells_mobile_ones(store: Store) -> None:
    stock = (await open_numbers(store, for_sale=SHELF)).numbers.stock

    assert await found(stock, "DK") == [DANISH.e164]
    assert await found(stock, "GB", limit=1) == [LONDON.e164]
    assert await found(stock, "FR") == []


async def test_digits_that_stand_in_a_number_are_asked_for(rig: NumbersRig) -> None:
    """With an area code or without; what is no digits is refused before the carrier is asked."""
    stock = rig.numbers.stock
    some = await stock.search(Wish(country="US"), limit=50)
    digits = some[-1].e164[-4:]

    found = await stock.search(Wish(country="US", contains=digits), limit=50)

    assert some[-1] in found and all(digits in number.e164 for number in found)
    for wrong in ("7", "12a", "*55", "12345678901"):
        with pytest.raises(InvalidInput, match="digits"):
            await stock.search(Wish(country="US", contains=wrong), limit=5)
