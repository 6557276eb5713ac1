"""The operations on contacts, against their contract."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import CALLER, new_sid
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.contacts import People, Person

JOHN = {"name": "John Smith", "phone_number": "+1 (212) 555-0199", "is_vip": True, "notes": "Key client"}

CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
FN:Ana Lóp\r
 ez\r
TEL;TYPE=CELL:(212) 555-0177\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:No Number\r
END:VCARD\r
"""


class Book:
    """A provider's address book: pages by the mark that is given."""

    def __init__(self, pages: dict[str | None, list[People]], *, fails: bool = False) -> None:
        self.pages = pages
        self.fails = fails
        self.asked: list[tuple[str, str | None]] = []

    async def read(self, refresh_token: str, *, sync_token: str | None) -> AsyncGenerator[People, None]:
        self.asked.append((refresh_token, sync_token))
        if self.fails:
            raise UpstreamFailed("service_unavailable", "away", provider="google", retryable=True)
        for page in self.pages[sync_token]:
            yield page


async def test_a_contact_is_kept_recognised_changed_and_forgotten(surface: Surface) -> None:
    """The next call knows the caller; past calls keep the name that they had."""
    made = await surface.api.post("/v1/inbound/contacts", json=JOHN)
    path, sid = f"/v1/inbound/contacts/{made.json()['id']}", new_sid()
    await surface.rig.ring(sid=sid)
    changed = await surface.api.put(path, json={"name": "Johnny", "notes": None, "email": "j@example.com"})
    gone = await surface.api.delete(path)
    again = await surface.api.delete(path)

    record = await surface.rig.record(sid)
    assert (made.status_code, made.json()["phone_number"], made.json()["source"]) == (201, CALLER, "manual")
    assert (record.inbound.caller_name, record.inbound.is_vip, record.inbound.contact_id) == (
        "John Smith",
        True,
        None,
    )
    assert (changed.json()["name"], changed.json()["notes"], changed.json()["is_vip"]) == ("Johnny", None, True)
    assert (gone.status_code, again.status_code, code_of(again)) == (204, 404, "contact_not_found")


async def test_contacts_are_found_by_name_and_number(surface: Surface) -> None:
    """Without case and accents; wildcards are plain characters; a number however it is written."""
    for name, number in (("Zoë 100%", "+12125550101"), ("ana", "+12125550102"), ("Bob_", "+16465550103")):
        await surface.api.post("/v1/inbound/contacts", json={"name": name, "phone_number": number})

    async def names(query: str) -> list[str]:
        answer = await surface.api.get(f"/v1/inbound/contacts?{query}")
        return [contact["name"] for contact in answer.json()["contacts"]]

    assert await names("") == ["ana", "Bob_", "Zoë 100%"]
    assert await names("q=ZOE") == ["Zoë 100%"]
    assert await names("q=%25") == ["Zoë 100%"]
    assert await names("q=_") == ["Bob_"]
    assert await names("q=(212) 555") == ["ana", "Zoë 100%"]
    assert await names("vip_only=true") == []
    assert await names("limit=1&offset=1") == ["Bob_"]


async def test_a_number_belongs_to_one_contact(surface: Surface) -> None:
    """Creating and changing into a known number is a conflict; another account may know it too."""
    await surface.api.post("/v1/inbound/contacts", json=JOHN)
    other = await surface.api.post("/v1/inbound/contacts", json={**JOHN, "phone_number": "+12125550188"})

    twice = await surface.api.post("/v1/inbound/contacts", json=JOHN)
    into = await surface.api.put(f"/v1/inbound/contacts/{other.json()['id']}", json={"phone_number": CALLER})
    elsewhere = await surface.other.post("/v1/inbound/contacts", json=JOHN)

    assert (twice.status_code, code_of(twice)) == (409, "contact_exists")
    assert (into.status_code, code_of(into)) == (409, "contact_exists")
    assert elsewhere.status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": ""}, 400, "validation_error"),
        ({"name": "n" * 201}, 400, "validation_error"),
        ({"name": None}, 400, "validation_error"),
        ({"phone_number": 5}, 400, "validation_error"),
        ({"is_vip": "yes"}, 400, "validation_error"),
        ({"notes": "n" * 4001}, 400, "validation_error"),
        ({"notes": "\0"}, 400, "validation_error"),
        ({"email": "nobody"}, 400, "validation_error"),
        ({"phone_number": "5551234567"}, 422, "invalid_phone_number"),
        ({"phone_number": "+1800FLOWERS"}, 422, "invalid_phone_number"),
        ({"phone_number": ""}, 422, "invalid_phone_number"),
        ({"phone_number": "+12"}, 422, "invalid_phone_number"),
    ],
)
async def test_a_contact_that_means_nothing_is_refused(
    surface: Surface, change: dict[str, Any], status: int, code: str
) -> None:
    """On creation and on change."""
    kept = (await surface.api.post("/v1/inbound/contacts", json=JOHN)).json()

    made = await surface.api.post("/v1/inbound/contacts", json={**JOHN, "phone_number": "+12125550133", **change})
    changed = await surface.api.put(f"/v1/inbound/contacts/{kept['id']}", json=change)

    assert (made.status_code, code_of(made)) == (status, code)
    assert (changed.status_code, code_of(changed)) == (status, code)
    assert (await surface.api.get("/v1/inbound/contacts")).json()["contacts"] == [kept]


@pytest.mark.parametrize("contact_id", ["{theirs}", NOBODYS, "nonsense"])
async def test_a_contact_of_somebody_else_is_not_there(surface: Surface, contact_id: str) -> None:
    """Another owner's id, an unknown one and none at all answer alike."""
    kept = (await surface.api.post("/v1/inbound/contacts", json=JOHN)).json()
    path = f"/v1/inbound/contacts/{contact_id.format(theirs=kept['id'])}"

    changed = await surface.other.put(path, json={"name": "Eve"})
    deleted = await surface.other.delete(path)

    assert (changed.status_code, code_of(changed)) == (404, "contact_not_found")
    assert (deleted.status_code, code_of(deleted)) == (404, "contact_not_found")
    assert (await surface.other.get("/v1/inbound/contacts")).json()["total"] == 0


async def test_a_file_is_imported_and_imported_again(surface: Surface) -> None:
    """National numbers are read in the account's country; the second time nothing is new."""
    body = {"source": "vcard", "data": CARDS}
    first = await surface.api.post("/v1/inbound/contacts/import", json=body)
    second = await surface.api.post("/v1/inbound/contacts/import", json=body)
    renamed = await surface.api.post(
        "/v1/inbound/contacts/import", json={"source": "csv", "data": "Name,Phone\nAna L,+12125550177\nX,7\n"}
    )

    kept = (await surface.api.get("/v1/inbound/contacts")).json()["contacts"]
    assert first.json() == {
        "success": True,
        "source": "vcard",
        "imported": 1,
        "updated": 0,
        "skipped": 1,
        "errors": [],
    }
    assert (second.json()["imported"], second.json()["updated"]) == (0, 0)
    assert (renamed.json()["updated"], renamed.json()["skipped"]) == (1, 1)
    assert renamed.json()["errors"] == [{"row": 2, "message": "has no usable phone number"}]
    assert [(one["name"], one["phone_number"], one["source"]) for one in kept] == [
        ("Ana L", "+12125550177", "vcard")
    ]


async def test_a_connected_account_is_read_whole_then_by_its_mark(surface: Surface) -> None:
    """Pages are kept as they come; the next import reads on from the mark; the token is opened for it."""
    whole = [
        People(persons=(Person(id="p/1", name="Ana", numbers=("+12125550177",)),)),
        People(persons=(Person(id="p/2", name="Nobody", numbers=()),), sync_token="mark-1"),
    ]
    later = [People(persons=(Person(id="p/1", name="Ana B", numbers=("+12125550177",)),), sync_token="mark-2")]
    book = Book({None: whole, "mark-1": later})
    surface.rig.books["google"] = book
    async with surface.rig.store.begin(surface.rig.account.organization_id) as work:
        await surface.rig.imports.connect(work, "google", "refresh-1")

    first = await surface.api.post("/v1/inbound/contacts/import", json={"source": "google"})
    second = await surface.api.post("/v1/inbound/contacts/import", json={"source": "google"})

    assert (first.json()["imported"], first.json()["skipped"]) == (1, 1)
    assert (second.json()["imported"], second.json()["updated"]) == (0, 1)
    assert book.asked == [("refresh-1", None), ("refresh-1", "mark-1")]


async def test_a_provider_that_is_away_is_told(surface: Surface) -> None:
    """503, to be tried again."""
    surface.rig.books["google"] = Book({}, fails=True)
    async with surface.rig.store.begin(surface.rig.account.organization_id) as work:
        await surface.rig.imports.connect(work, "google", "refresh-1")

    answer = await surface.api.post("/v1/inbound/contacts/import", json={"source": "google"})

    assert (answer.status_code, code_of(answer)) == (503, "service_unavailable")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"source": "google"}, "provider_not_connected"),
        ({"source": "outlook"}, "provider_not_connected"),
        ({"source": "vcard"}, "validation_error"),
        ({"source": "vcard", "data": "hello"}, "validation_error"),
        ({"source": "csv", "data": ""}, "validation_error"),
        ({"source": "csv", "data": "Name,Town\nAna,Rome\n"}, "validation_error"),
        ({"source": "yahoo"}, "validation_error"),
        ({}, "validation_error"),
    ],
)
async def test_an_import_from_nowhere_is_refused(surface: Surface, body: dict[str, str], code: str) -> None:
    """Nothing connected, no file, or no file of that kind."""
    answer = await surface.api.post("/v1/inbound/contacts/import", json=body)

    assert (answer.status_code, code_of(answer)) == (400, code)
