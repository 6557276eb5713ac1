"""Knowledge: typed and uploaded, renamed and deleted, refused in words; a question shows what a call would say."""

import httpx2
import pytest

from tests.fakes import documents
from tests.fakes.dashboard import Tab
from tests.web.dashboard.reception.rig import Desk
from voice_engine.domains.knowledge.words import MAX_FILE_BYTES
from voice_engine.domains.minutes.plans import Tier

PAGE = "/app/reception/knowledge"
FAQS = "Q: Where can I park?\nA: Parking is free behind the building.\n"


async def _upload(tab: Tab, data: bytes, name: str, *, into: str = "") -> httpx2.Response:
    headers = {"X-CSRF-Token": tab.csrf, "Accept": "application/json"}
    path = f"{PAGE}/upload{f'?into={into}' if into else ''}"
    return await tab.client.post(path, files={"file": (name, data)}, headers=headers)


async def _add(tab: Tab, name: str, text: str = FAQS) -> httpx2.Response:
    return await tab.post(PAGE, {"name": name, "text": text})


async def test_a_typed_section_is_there_and_answers(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await _add(tab, "Visiting us")
        page = await tab.get(PAGE)
        answer = await tab.post(f"{PAGE}/ask", {"question": "do you have parking?", "language": "en"})

    assert "Visiting Us" in page
    assert "Parking is free behind the building." in answer.text
    assert "<mark>Parking</mark>" in answer.text
    assert "spoken from this" in answer.text
    assert f'href="{PAGE}/sections/visiting-us"' in answer.text


async def test_a_question_may_be_spanish_and_may_find_nothing(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await _add(tab, "Visiting us")
        spanish = await tab.post(f"{PAGE}/ask", {"question": "¿tienen aparcamiento?", "language": "es"})
        nothing = await tab.post(f"{PAGE}/ask", {"question": "do you sell vouchers", "language": "en"})
        empty = await tab.post(f"{PAGE}/ask", {"question": "  ", "language": "en"})

    assert "Parking is free behind the building." in spanish.text
    assert "No section answers this" in nothing.text
    assert "spoken from this" not in nothing.text
    assert empty.status_code == 400


@pytest.mark.slow
async def test_an_upload_is_read_and_answers(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        pdf = documents.two_column_pdf(["A cleaning costs ninety dollars."])
        sent = await _upload(tab, pdf, "Price list 2026.pdf")
        section = await tab.get(f"{PAGE}/sections/price-list-2026")
        answer = await tab.post(f"{PAGE}/ask", {"question": "how much is a cleaning", "language": "en"})

    assert sent.json() == {
        "key": "price-list-2026",
        "label": "Price List 2026",
        "file": "Price list 2026.pdf",
        "passages": 1,
        "words": sent.json()["words"],
    }
    assert "A cleaning costs ninety dollars." in section
    assert "Price list 2026.pdf" in answer.text
    assert "ninety dollars" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "english", "spanish"),
    [
        (documents.EXE, "This is no PDF", "No es un archivo PDF"),
        (documents.scanned_pdf(), "scanned pages are pictures", "las páginas escaneadas son imágenes"),
        (b"", "This file is empty", "Este archivo está vacío"),
    ],
    ids=["exe", "scan", "empty"],
)
async def test_a_refused_file_is_refused_in_words(desk: Desk, data: bytes, english: str, spanish: str) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        refused = await _upload(tab, data, "handbook.pdf")
        headers = {"X-CSRF-Token": tab.csrf, "Accept": "application/json"}
        in_spanish = await tab.client.post(
            f"{PAGE}/upload?lang=es", files={"file": ("manual.pdf", data)}, headers=headers
        )
        page = await tab.get(PAGE)

    assert refused.status_code == 400
    assert english in refused.json()["error"]["message"]
    assert spanish in in_spanish.json()["error"]["message"]
    assert "Nothing is written down yet" in page


async def test_a_file_over_the_limit_is_told_so(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        refused = await _upload(tab, b"x" * (MAX_FILE_BYTES + 1), "big.txt")

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "file_too_large")


@pytest.mark.slow
async def test_a_file_never_replaces_a_section_unasked(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await _upload(tab, b"Old prices: ten dollars.", "prices.txt")
        again = await _upload(tab, b"New prices: twelve dollars.", "prices.txt")
        asked = await _upload(tab, b"New prices: twelve dollars.", "prices.txt", into="prices")
        section = await tab.get(f"{PAGE}/sections/prices")

    assert (again.status_code, again.json()["error"]["code"]) == (409, "section_exists")
    assert asked.status_code == 200
    assert "twelve dollars" in section
    assert "ten dollars" not in section


async def test_a_section_is_edited_renamed_and_deleted(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await _add(tab, "FAQs")
        await _add(tab, "Prices", "Ninety dollars.")
        seen = (await tab.get(f"{PAGE}/sections/faqs")).split('name="seen" value="')[1][:16]
        await tab.post(f"{PAGE}/sections/faqs", {"text": "Parking costs two dollars.", "seen": seen})
        late = await tab.post(f"{PAGE}/sections/faqs", {"text": "Mine.", "seen": seen})
        taken = await tab.post(f"{PAGE}/sections/faqs/rename", {"name": "Prices"})
        renamed = await tab.post(f"{PAGE}/sections/faqs/rename", {"name": "Parking & access"})
        section = await tab.get(f"{PAGE}/sections/parking-access")
        await tab.post(f"{PAGE}/sections/parking-access/delete")
        page = await tab.get(PAGE)
        await tab.get(f"{PAGE}/sections/parking-access", status=404)

    assert (late.status_code, ">Mine.</textarea>" in late.text) == (409, True)
    assert "Parking costs two dollars." in late.text
    assert (taken.status_code, "of this name already" in taken.text) == (422, True)
    assert renamed.headers["hx-redirect"].startswith(f"{PAGE}/sections/parking-access")
    assert "Parking costs two dollars." in section
    assert "parking-access" not in page


async def test_a_section_needs_a_name_and_a_text_of_its_own(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await _add(tab, "FAQs")
        for name, text, told in (
            ("FAQs", "Other.", "of this name already"),
            ("!!", "Other.", "letters or digits"),
            ("New", "  ", "Fill this in"),
        ):
            refused = await _add(tab, name, text)
            assert (refused.status_code, told in refused.text) == (422, True), name


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.STARTER, True)])
async def test_knowledge_comes_with_a_plan(desk: Desk, plan: Tier, may: bool) -> None:
    """Asking is free: one sees what would be answered."""
    business = await desk.add_business(plan)
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        added = await _add(tab, "FAQs")
        sent = await _upload(tab, b"Parking is free.", "parking.txt")
        asked = await tab.post(f"{PAGE}/ask", {"question": "do you have parking", "language": "en"})

    assert ("Not in your plan" in page) is not may
    assert (added.status_code, sent.status_code) == ((200, 200) if may else (403, 403))
    assert asked.status_code == 200


async def test_another_business_s_sections_are_not_there(desk: Desk) -> None:
    ours, theirs = await desk.add_business(), await desk.add_business()
    async with desk.tab(theirs) as tab:
        await _add(tab, "Secrets", "The garden gate opens with marigold.")
    async with desk.tab(ours) as tab:
        assert "Secrets" not in await tab.get(PAGE)
        await tab.get(f"{PAGE}/sections/secrets", status=404)
        asked = await tab.post(f"{PAGE}/ask", {"question": "how does the garden gate open", "language": "en"})
        deleted = await tab.post(f"{PAGE}/sections/secrets/delete")

    assert "marigold" not in asked.text
    assert deleted.status_code == 404
