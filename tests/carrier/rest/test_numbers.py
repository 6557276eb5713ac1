"""The account's numbers: bought once, kept over a restart, given back; and the shelf they come from."""

import json
from itertools import islice
from pathlib import Path

import phonenumbers
import pytest

from tests.carrier.rest.rig import BASE, EPOCH, OURS, open_rig
from voice_engine.carrier.rest import inventory
from voice_engine.carrier.rest.answers import ApiError, Form
from voice_engine.carrier.rest.inventory import Kind
from voice_engine.carrier.rest.numbers import Numbers
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput


def numbers(folder: Path) -> Numbers:
    return Numbers(folder / "numbers.json", now=lambda: EPOCH, first=(OURS,))


def form(**fields: str) -> Form:
    return Form(list(fields.items()))


def test_numbers_and_their_settings_survive_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        first = numbers(tmp_path)
        bought = await first.buy(
            form(PhoneNumber="+14155550123", VoiceUrl=f"{BASE}/v", VoiceMethod="GET", StatusCallback=f"{BASE}/s")
        )
        await first.change(bought.sid, form(FriendlyName="desk", VoiceFallbackUrl=f"{BASE}/f"))
        again = numbers(tmp_path).find("+14155550123")

        assert again == first.find("+14155550123")
        assert again is not None
        assert (again.voice_url, again.voice_method, again.status_callback) == (f"{BASE}/v", "GET", f"{BASE}/s")
        assert (again.friendly_name, again.voice_fallback_url) == ("desk", f"{BASE}/f")
        assert numbers(tmp_path).find(OURS) is not None

    run_virtual(main())


def test_a_number_that_was_given_back_stays_away_and_is_for_sale_again(tmp_path: Path) -> None:
    async def main() -> None:
        first = numbers(tmp_path)
        ours = first.find(OURS)
        assert ours is not None
        await first.release(ours.sid)

        assert numbers(tmp_path).all() == []
        assert (await numbers(tmp_path).buy(form(PhoneNumber=OURS))).e164 == OURS

    run_virtual(main())


def test_the_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    async def main() -> None:
        await numbers(tmp_path).buy(form(AreaCode="212"))

    run_virtual(main())

    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [row["e164"] for row in json.loads(path.read_text())] == [OURS, "+12125550100"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 21421),
        ({"PhoneNumber": "4155550100"}, 21421),
        ({"PhoneNumber": OURS}, 21422),
        ({"PhoneNumber": "+14152345678"}, 21422),
        ({"AreaCode": "4"}, 21451),
        ({"AreaCode": "800"}, 21452),
        ({"PhoneNumber": "+14155550111", "VoiceUrl": "nowhere"}, 21402),
        ({"PhoneNumber": "+14155550111", "VoiceMethod": "PUT"}, 21403),
    ],
)
def test_what_cannot_be_bought(fields: dict[str, str], code: int, tmp_path: Path) -> None:
    async def main() -> None:
        owned = numbers(tmp_path)
        with pytest.raises(ApiError) as caught:
            await owned.buy(form(**fields))

        assert (caught.value.status, caught.value.code) == (400, code)
        assert [number.e164 for number in owned.all()] == [OURS]

    run_virtual(main())


@pytest.mark.parametrize("content", ["", "{}x", '[{"sid": 1}]', '{"a": 1}'])
def test_a_broken_file_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "numbers.json").write_text(content)

    with pytest.raises(InvalidInput, match=r"numbers\.json"):
        numbers(tmp_path)


def test_number_paths(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            bought = (await rig.api("POST", "IncomingPhoneNumbers.json", AreaCode="415")).json()
            one = await rig.api("GET", f"IncomingPhoneNumbers/{bought['sid']}.json")
            listed = (await rig.api("GET", "IncomingPhoneNumbers.json", PhoneNumber="415555")).json()
            gone = await rig.api("DELETE", f"IncomingPhoneNumbers/{bought['sid']}.json")
            missing = await rig.api("GET", f"IncomingPhoneNumbers/{bought['sid']}.json")

            assert bought["phone_number"] == "+14155550101", "0100 is ours already"
            assert one.json() == bought
            assert [number["phone_number"] for number in listed["incoming_phone_numbers"]] == ["+14155550101", OURS]
            assert (gone.status_code, gone.content) == (204, b"")
            assert missing.status_code == 404

    run_virtual(main())


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("US/Local", {"AreaCode": "41"}, 400),
        ("US/Local", {"Contains": "4"}, 400),
        ("US/Mobile", {}, 404),
        ("XX/Local", {}, 404),
        ("US/Premium", {}, 404),
    ],
)
def test_searches_that_cannot_be(path: str, fields: dict[str, str], status: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            answer = await rig.api("GET", f"AvailablePhoneNumbers/{path}.json", **fields)

            assert answer.status_code == answer.json()["status"] == status

    run_virtual(main())


def test_a_search_by_pattern(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            fields = {"AreaCode": "415", "Contains": "5550*42"}
            answer = (await rig.api("GET", "AvailablePhoneNumbers/US/Local.json", **fields)).json()
            letters = (await rig.api("GET", "AvailablePhoneNumbers/US/Local.json", Contains="555012*")).json()

            assert [number["phone_number"] for number in answer["available_phone_numbers"]] == ["+14155550142"]
            assert len(letters["available_phone_numbers"]) == 50, "Twilio shows fifty at most"

    run_virtual(main())


@pytest.mark.parametrize(
    ("country", "kind"),
    [("ES", "Local"), ("ES", "Mobile"), ("ES", "TollFree"), ("GB", "Local"), ("DE", "Mobile"), ("CA", "Local")],
)
def test_the_shelf_has_possible_numbers_of_the_country(country: str, kind: Kind) -> None:
    found = list(islice(inventory.shelf(country, kind), 20))

    assert len({number.e164 for number in found}) == 20
    for number in found:
        parsed = phonenumbers.parse(number.e164)
        assert phonenumbers.is_possible_number(parsed)
        assert inventory.find(number.e164) == number


def test_north_american_numbers_are_fiction() -> None:
    everywhere = [
        *inventory.shelf("US", "Local"),
        *inventory.shelf("US", "TollFree"),
        *inventory.shelf("CA", "Local"),
    ]

    assert all(number.e164[5:10] == "55501" for number in everywhere)
    assert inventory.find("+14152345678") is None


def test_an_area_is_of_one_country() -> None:
    assert list(inventory.shelf("US", "Local", area_code="416")) == []
    assert next(inventory.shelf("CA", "Local", area_code="416")).locality == "Toronto"
    assert next(inventory.shelf("US", "Local", area_code="907")).e164 == "+19075550100"


def test_letters_are_keys() -> None:
    assert inventory.matches("+18005553539", "FLEX")
    assert not inventory.matches("+18005553530", "FLEX")
