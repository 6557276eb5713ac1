"""What an import would do, told before it is done."""

from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.inbound import CALLER, InboundRig, open_inbound
from voice_engine.domains.contacts.importing import Fate, Preview
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store


def card(name: str, *numbers: str, email: str = "") -> str:
    """One person of a file."""
    lines = [f"FN:{name}", *(f"TEL:{number}" for number in numbers), *([f"EMAIL:{email}"] if email else [])]
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


FILE = "".join(
    [
        card("John Smith", CALLER),
        card("Ana López", "(646) 555-0123", email="ana@example.com"),
        card("Nina New", "+12125550111", "+12125550112"),
        card("No Number"),
        card("Bad Number", "12"),
        card("Nina Newer", "+12125550111"),
    ]
)


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """Ada, who knows two people of the file."""
    opened = await open_inbound(store, tmp_path)
    await opened.add_contact()
    await opened.add_contact("+16465550123", "Ana")
    return opened


async def preview(rig: InboundRig, text: str = FILE, source: str = "vcard") -> Preview:
    """What Ada is shown."""
    return await rig.imports.preview(rig.account.organization_id, source, text)


async def test_a_preview_says_what_becomes_of_each_number(rig: InboundRig) -> None:
    shown = await preview(rig)

    assert [(line.name, line.number, line.fate, line.known_as) for line in shown.lines] == [
        ("John Smith", CALLER, Fate.SAME, "John Smith"),
        ("Ana López", "+16465550123", Fate.CHANGED, "Ana"),
        ("Nina New", "+12125550111", Fate.REPEATED, None),
        ("Nina New", "+12125550112", Fate.NEW, None),
        ("Nina Newer", "+12125550111", Fate.NEW, None),
    ]
    assert (shown.skipped, [(fault.row, fault.message) for fault in shown.faults]) == (
        2,
        [(5, "has no usable phone number")],
    )


async def test_the_import_does_what_its_preview_said(rig: InboundRig) -> None:
    """And a preview alone does nothing: asked again, it says the same."""
    await preview(rig)
    shown = await preview(rig)

    tally = await rig.imports.from_text(rig.account.organization_id, "vcard", FILE)

    assert (tally.imported, tally.updated, tally.skipped) == (
        shown.count(Fate.NEW),
        shown.count(Fate.CHANGED),
        shown.skipped,
    )
    assert {line.fate for line in (await preview(rig)).lines} == {Fate.SAME, Fate.REPEATED}


async def test_a_preview_knows_ones_own_contacts_only(rig: InboundRig) -> None:
    bob = await add_account(rig.store, "Bob")

    shown = await rig.imports.preview(bob.organization_id, "vcard", FILE)

    assert all(line.known_as is None for line in shown.lines)


@pytest.mark.parametrize(("source", "text"), [("vcard", "hello"), ("csv", "name,colour\nAna,red\n")])
async def test_what_is_no_file_of_contacts_is_refused(rig: InboundRig, source: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        await preview(rig, text, source)
