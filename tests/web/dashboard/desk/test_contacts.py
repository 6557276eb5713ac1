"""The contacts' pages: list, form, import, export, erasure."""

import html
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.fakes.business import add_business
from tests.fakes.dashboard import Tab
from tests.fakes.inbound import CALLER, TARGET
from tests.web.dashboard.desk.conftest import Desk
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.vcard import read_vcards

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:{number}\r\nEND:VCARD\r\n"


async def contacts(desk: Desk) -> list[Contact]:
    """Everybody, by name."""
    async with desk.store.read(desk.who.organization_id) as work:
        page = await desk.rig.contacts.list_page(work, text=None, vip_only=False, limit=99, offset=0)
    return list(page.contacts)


async def save(tab: Tab, path: str = "/app/contacts/new", **fields: str) -> Any:
    form = {"csrf": tab.csrf, "name": "Ana López", "phone_number": "(212) 555-0199", **fields}
    return await tab.client.post(path, data=form, headers={"Accept": "text/html"})


async def upload(tab: Tab, path: str, content: bytes, name: str = "people.vcf") -> Any:
    headers = {"X-CSRF-Token": tab.csrf, "HX-Request": "true", "Accept": "text/html"}
    return await tab.client.post(path, files={"file": (name, content)}, headers=headers)


async def test_somebody_is_kept_found_changed_starred_and_forgotten(desk: Desk) -> None:
    """A number as it is written at home."""
    async with desk.tab() as tab:
        await save(tab, notes="Mornings", is_vip="")
        (ana,) = await contacts(desk)
        assert (ana.phone_number, ana.notes, ana.is_vip) == (CALLER, "Mornings", False)

        assert "Ana López" in await tab.fragment("/app/contacts?q=lopez")
        assert "Nobody found" in await tab.fragment("/app/contacts?q=zzz")
        assert "Nobody found" in await tab.fragment("/app/contacts?vip=yes")

        starred = await tab.post(f"/app/contacts/{ana.id}/star", {"is_vip": "yes"})
        assert 'aria-pressed="true"' in starred.text
        assert "Ana López" in await tab.fragment("/app/contacts?vip=yes")

        await save(tab, f"/app/contacts/{ana.id}", name="Ana", notes="", is_vip="yes")
        (ana,) = await contacts(desk)
        assert (ana.name, ana.notes, ana.is_vip) == ("Ana", None, True)

        await tab.post(f"/app/contacts/{ana.id}/delete")
        assert await contacts(desk) == []


async def test_while_there_is_nobody_nothing_is_searched_or_exported(desk: Desk) -> None:
    async with desk.tab() as tab:
        empty = await tab.get("/app/contacts")
        await save(tab)
        full, none = await tab.get("/app/contacts"), await tab.get("/app/contacts?q=zzz")

    for page, shown in ((empty, False), (full, True), (none, True)):
        assert ('role="search"' in page, "contacts.vcf" in page) == (shown, shown)


async def test_calling_somebody_fills_their_number_in(desk: Desk, office: Desk) -> None:
    """Both links of a person, and a business's, whose form is another one."""
    for each in (desk, office):
        async with each.tab() as tab:
            await save(tab, phone_number="+1 212 555 0199")
            (ana,) = await contacts(each)
            assert f'href="/app/calls?party={quote(CALLER)}"' in await tab.get(f"/app/contacts/{ana.id}")
            pages = [await tab.get("/app/contacts"), await tab.get(f"/app/contacts/{ana.id}")]
            for page in pages:
                link = re.search(r'href="(/app/calls/new[^"]*)"', page)
                assert link, page
                assert f'value="{CALLER}"' in await tab.get(html.unescape(link[1]))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"phone_number": "call me"}, "This is no phone number"),
        ({"phone_number": TARGET}, "a contact with this number already"),
        ({"email": "nobody"}, "This is no e-mail address"),
        ({"notes": "x" * 4001}, "At most 4,000"),
    ],
)
async def test_what_cannot_be_kept_comes_back_with_its_fault(
    desk: Desk, fields: dict[str, str], words: str
) -> None:
    await desk.rig.add_contact(TARGET, "Bob")
    async with desk.tab() as tab:
        answer = await save(tab, **fields)

    assert (answer.status_code, words in answer.text) == (422, True)
    assert len(await contacts(desk)) == 1


async def test_long_lists_have_pages(desk: Desk) -> None:
    for place in range(51):
        await desk.rig.add_contact(f"+1212555{place:04}", f"Person {place:02}")
    async with desk.tab() as tab:
        first, last = await tab.get("/app/contacts"), await tab.get("/app/contacts?page=2")

    assert "51 contacts" in first and "Person 00" in first and "Person 50" not in first
    assert "Person 50" in last and "2 of 2" in last and 'href="/app/contacts"' in last


async def test_a_file_is_looked_through_then_taken_over(desk: Desk) -> None:
    await desk.rig.add_contact(TARGET, "Bob")
    text = (
        CARD.format(name="Ana <i>López</i>", number="(212) 555-0199")
        + CARD.format(name="Robert", number=TARGET)
        + CARD.format(name="Short", number="12")
        + "BEGIN:VCARD\r\nFN:None\r\nEND:VCARD\r\n"
    ).encode()
    async with desk.tab() as tab:
        shown = await upload(tab, "/app/contacts/import/preview", text)
        assert len(await contacts(desk)) == 1, "a preview writes nothing"
        done = await upload(tab, "/app/contacts/import", text)

    for words in (
        "1 new",
        "1 changed",
        "2 left out",
        "updates Bob",
        "Entry 3: no usable phone number",
        "&lt;i&gt;",
    ):
        assert words in shown.text, words
    assert "Imported: 1 new, 1 changed, 2 left out." in done.text
    assert {one.name for one in await contacts(desk)} == {"Ana <i>López</i>", "Robert"}


async def test_files_of_other_programs_are_read(desk: Desk) -> None:
    """A spreadsheet's CSV in its old character set, and a vCard in UTF-16."""
    async with desk.tab() as tab:
        table = await upload(tab, "/app/contacts/import", "Nombre;Teléfono\nJosé;+34612345678\n".encode("cp1252"))
        cards = await upload(tab, "/app/contacts/import", CARD.format(name="Zoë", number=CALLER).encode("utf-16"))

    assert "1 new" in table.text and "1 new" in cards.text
    assert {one.name for one in await contacts(desk)} == {"José", "Zoë"}


async def test_what_is_no_file_of_contacts_is_refused_in_words(desk: Desk) -> None:
    async with desk.tab() as tab:
        picture = await upload(tab, "/app/contacts/import/preview", b"\x89PNG\r\n\x1a\n\0\0")
        empty = await upload(tab, "/app/contacts/import/preview", b"")
        large = await upload(tab, "/app/contacts/import", b"x" * 8_100_000)

    assert [answer.status_code for answer in (picture, empty, large)] == [400, 400, 400]
    assert "There are no contacts in this file" in picture.text
    assert "Choose a file" in empty.text and "larger than 8 MB" in large.text


async def test_the_export_is_what_an_import_reads(desk: Desk) -> None:
    await desk.rig.add_contact(CALLER, "Ana; López", is_vip=True)
    async with desk.tab() as tab:
        answer = await tab.client.get("/app/contacts/contacts.vcf")

    (row,) = read_vcards(answer.text)
    assert row.person is not None and (row.person.name, row.person.numbers) == ("Ana; López", (CALLER,))
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.vcf"'


async def test_a_caller_is_erased_after_what_is_held_was_shown(desk: Desk) -> None:
    """The call's record stays, without number and words; asked again, nothing is held."""
    await desk.rig.add_number()
    await desk.rig.add_contact(CALLER, "Ana")
    record = await desk.rig.talk(CALLER)
    await desk.rig.calls.pass_s(600)
    async with desk.tab() as tab:
        shown = await tab.post("/app/contacts/erase/look", {"number": "(212) 555-0199"})
        done = await tab.post("/app/contacts/erase", {"number": CALLER})
        after = await tab.post("/app/contacts/erase/look", {"number": CALLER})
        wrong = await tab.post("/app/contacts/erase/look", {"number": "nobody"})

    assert "Held about +1 212-555-0199" in shown.text and "Erase for good" in shown.text
    assert "Erased: 1 calls" in done.text and "Nothing is held" in after.text
    assert (wrong.status_code, "This is no phone number" in wrong.text) == (422, True)
    assert await contacts(desk) == []
    kept = await desk.rig.calls.call(record.call.id)
    assert (kept.from_number, kept.status) == (None, "completed")


async def test_nobody_elses_contact_or_caller_is_touched(desk: Desk) -> None:
    stranger = await add_business(desk.store)
    ana = await desk.rig.add_contact(CALLER, "Ana")
    async with desk.tab(stranger) as tab:
        assert "Ana" not in await tab.get("/app/contacts")
        assert "Ana" not in (await tab.client.get("/app/contacts/contacts.vcf")).text
        await tab.get(f"/app/contacts/{ana.id}", status=404)
        statuses = [
            (await save(tab, f"/app/contacts/{ana.id}", name="Theirs")).status_code,
            (await tab.post(f"/app/contacts/{ana.id}/star", {"is_vip": "yes"})).status_code,
            (await tab.post(f"/app/contacts/{ana.id}/delete")).status_code,
        ]
        assert "Nothing is held" in (await tab.post("/app/contacts/erase/look", {"number": CALLER})).text
        await tab.post("/app/contacts/erase", {"number": CALLER})

    assert statuses == [404, 404, 404]
    assert [(one.name, one.is_vip) for one in await contacts(desk)] == [("Ana", False)]
