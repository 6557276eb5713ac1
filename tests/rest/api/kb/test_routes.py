"""The knowledge base over HTTP: sections from text and from files, gates, limits, other tenants."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from tests.fakes import documents
from tests.fakes.accounts import NOW
from tests.fakes.api import ApiClient
from tests.fakes.business import Business, add_business, business_api, refusal
from tests.fakes.knowledge import Library, add_assistant, add_house, library
from voice_engine.domains.knowledge.models import KbChunk, KbFile, KbSection
from voice_engine.domains.knowledge.words import MAX_FILE_BYTES, WAITS_FOR
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store

TEXT = b"The garden gate opens with the word marigold."


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Library:
    return library(store, tmp_path / "blobs")


@pytest.fixture
async def house(store: Store) -> Business:
    business, _ = await add_house(store, Tier.STARTER)
    return business


@pytest.fixture
async def api(store: Store, shelf: Library, house: Business) -> AsyncIterator[ApiClient]:
    async with business_api(store, house, knowledge=shelf.service) as client:
        yield client


async def _upload(api: ApiClient, data: bytes, name: str = "notes.txt", section: str | None = "faqs") -> Any:
    form = {} if section is None else {"section": section}
    return await api.post("/api/kb/upload", files={"file": (name, data)}, data=form)


async def _rows(store: Store) -> list[int]:
    async with store.system("tests", writes=False) as work:
        return [
            int(await work.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in (KbSection, KbFile, KbChunk)
        ]


async def test_a_text_becomes_a_file_of_its_name(api: ApiClient, shelf: Library) -> None:
    put = await api.put("/api/kb", json={"sectionKey": "faqs", "text": "Q: Hours?\nA: Mon-Fri 9-5."})
    view = (await api.get("/api/kb")).json()

    assert put.json()["section"]["fileName"] == "faqs.md"
    assert view["canEdit"] is True
    assert view["sections"][0] == {
        "key": "faqs",
        "label": "FAQs",
        "text": "Q: Hours?\nA: Mon-Fri 9-5.",
        "vapiFileId": put.json()["section"]["vapiFileId"],
        "fileName": "faqs.md",
        "updatedAt": "2026-02-13T15:30:00Z",
    }
    assert shelf.files() == [put.json()["section"]["vapiFileId"]]


@pytest.mark.slow
async def test_an_upload_is_published_by_attaching_it(api: ApiClient, shelf: Library, store: Store) -> None:
    """And goes when its section takes another."""
    first = (await _upload(api, TEXT, "Notes ñ.txt")).json()
    assert first == {"fileId": first["fileId"], "fileName": "Notes ñ.txt", "fileSize": len(TEXT)}
    attach = {"sectionKey": "faqs", "vapiFileId": first["fileId"], "fileName": "handbook.txt"}
    assert (await api.put("/api/kb", json=attach)).json()["section"]["fileName"] == "handbook.txt"
    (section,) = (await api.get("/api/kb")).json()["sections"]
    assert (section["text"], section["fileName"]) == (None, "handbook.txt")

    second = (await _upload(api, TEXT + b" Ring twice.")).json()
    await api.put("/api/kb", json={"sectionKey": "faqs", "vapiFileId": second["fileId"]})
    await shelf.clear()

    assert shelf.files() == [second["fileId"]]
    assert await _rows(store) == [1, 1, 1]


@pytest.mark.slow
async def test_text_and_file_together_are_both_kept(api: ApiClient, shelf: Library) -> None:
    file = (await _upload(api, TEXT)).json()["fileId"]
    await api.put("/api/kb", json={"sectionKey": "faqs", "text": "Parking is free.", "vapiFileId": file})
    (section,) = (await api.get("/api/kb")).json()["sections"]

    assert (section["text"], section["vapiFileId"]) == ("Parking is free.", file)
    assert len(shelf.files()) == 2


async def test_what_was_read_can_be_sent_back_with_another_text(api: ApiClient, shelf: Library) -> None:
    """The id of a text's own file beside a new text attaches nothing: the text is written anew."""
    old = (await api.put("/api/kb", json={"sectionKey": "faqs", "text": "Old."})).json()["section"]
    body = {"sectionKey": "faqs", "text": "New.", "vapiFileId": old["vapiFileId"], "fileName": old["fileName"]}
    new = (await api.put("/api/kb", json=body)).json()["section"]
    await shelf.clear()

    assert new["vapiFileId"] != old["vapiFileId"]
    assert shelf.files() == [new["vapiFileId"]]
    assert (await api.get("/api/kb")).json()["sections"][0]["text"] == "New."


async def test_a_deleted_section_leaves_nothing(api: ApiClient, shelf: Library, store: Store) -> None:
    await api.put("/api/kb", json={"sectionKey": "faqs", "text": "Parking is free."})

    assert (await api.delete("/api/kb", params={"section": "faqs"})).json() == {"success": True}
    assert await _rows(store) == [0, 0, 0]
    await shelf.clear()
    assert shelf.files() == []
    assert refusal(await api.delete("/api/kb", params={"section": "faqs"})) == (404, "section_not_found")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (documents.EXE, (415, "unsupported_file_type")),
        (documents.plain_zip(), (415, "unsupported_file_type")),
        (b"", (422, "unreadable_file")),
        (documents.scanned_pdf(), (422, "unreadable_file")),
        (documents.encrypted_pdf(documents.two_column_pdf(["Secret."])), (422, "unreadable_file")),
        (documents.laughing_docx(), (422, "unreadable_file")),
    ],
    ids=["exe", "zip", "empty", "scan", "encrypted", "laughs"],
)
async def test_a_refused_file_leaves_nothing(
    api: ApiClient, shelf: Library, store: Store, data: bytes, expected: tuple[int, str]
) -> None:
    """Whatever its name says."""
    assert refusal(await _upload(api, data, "handbook.pdf")) == expected
    assert shelf.files() == []
    assert await _rows(store) == [0, 0, 0]


def _form(size: int, *, boundary: str = "xyz") -> bytes:
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="section"\r\n\r\nfaqs\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
    )
    words = (b"opening hours and prices\n" * (size // 25 + 1))[:size]
    return head.encode() + words + f"\r\n--{boundary}--\r\n".encode()


async def _post(api: ApiClient, body: bytes, *, chunked: bool) -> httpx2.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 60_000):
            yield body[start : start + 60_000]

    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    return await api.post("/api/kb/upload", content=pieces() if chunked else body, headers=headers)


@pytest.mark.slow
@pytest.mark.parametrize("chunked", [False, True])
async def test_one_byte_too_many_is_too_large(api: ApiClient, shelf: Library, chunked: bool) -> None:
    """Counted, not believed: also when no length is given."""
    assert refusal(await _post(api, _form(MAX_FILE_BYTES + 1), chunked=chunked)) == (413, "file_too_large")
    assert refusal(await _post(api, _form(3 * MAX_FILE_BYTES), chunked=chunked)) == (413, "file_too_large")
    assert shelf.files() == []


@pytest.mark.slow
@pytest.mark.acceptance
@pytest.mark.timeout(240)
@pytest.mark.parametrize("chunked", [False, True])
async def test_ten_megabytes_are_taken(api: ApiClient, shelf: Library, chunked: bool) -> None:
    answer = await _post(api, _form(MAX_FILE_BYTES), chunked=chunked)

    assert answer.json()["fileSize"] == MAX_FILE_BYTES
    assert len(shelf.files()) == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"x", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=xyz"),
        (b"nothing like a form", "multipart/form-data; boundary=xyz"),
        (_form(100)[:-10], "multipart/form-data; boundary=xyz"),
        (_form(100).replace(b'"file"', b'"other"'), "multipart/form-data; boundary=xyz"),
        (_form(100).replace(b"faqs", b"../x"), "multipart/form-data; boundary=xyz"),
        (_form(100).replace(b'"section"', b'"sektion"'), "multipart/form-data; boundary=xyz"),
    ],
    ids=["json", "no boundary", "empty", "no form", "cut", "no file", "bad section", "no section"],
)
async def test_a_form_without_sense_is_refused(
    api: ApiClient, shelf: Library, body: bytes, content_type: str
) -> None:
    answer = await api.post("/api/kb/upload", content=body, headers={"Content-Type": content_type})

    assert refusal(answer) == (422, "validation_error")
    assert answer.json()["details"]["fields"]
    assert shelf.files() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sectionKey": "faqs"},
        {"sectionKey": "FAQs", "text": "x"},
        {"sectionKey": "-x", "text": "x"},
        {"sectionKey": "faqs", "text": ""},
        {"sectionKey": "faqs", "text": None},
        {"sectionKey": "faqs", "text": "x" * 200_001},
        {"sectionKey": "faqs", "vapiFileId": ""},
        {"sectionKey": "faqs", "text": "x", "fileName": "y" * 256},
    ],
)
async def test_a_section_that_does_not_fit_is_refused(api: ApiClient, body: dict[str, Any]) -> None:
    assert refusal(await api.put("/api/kb", json=body)) == (422, "validation_error")


@pytest.mark.slow
async def test_files_of_others_are_not_found(api: ApiClient, store: Store, shelf: Library) -> None:
    """Nor taken from a section of one's own."""
    other, _ = await add_house(store)
    theirs = (await _upload(api.signed_in_as(other.session_token), TEXT)).json()["fileId"]

    for unknown in (theirs, "file_01", "00000000-0000-0000-0000-000000000000"):
        refused = await api.put("/api/kb", json={"sectionKey": "faqs", "vapiFileId": unknown})
        assert refusal(refused) == (404, "file_not_found")

    own = (await _upload(api, TEXT)).json()["fileId"]
    await api.put("/api/kb", json={"sectionKey": "faqs", "vapiFileId": own})
    moved = await api.put("/api/kb", json={"sectionKey": "other", "vapiFileId": own})
    assert refusal(moved) == (422, "validation_error")


@pytest.mark.slow
async def test_free_uploads_and_does_not_publish(store: Store, shelf: Library) -> None:
    free, _ = await add_house(store, Tier.FREE)
    async with business_api(store, free, knowledge=shelf.service) as api:
        file = (await _upload(api, TEXT)).json()["fileId"]
        assert (await api.get("/api/kb")).json()["canEdit"] is False
        put = await api.put("/api/kb", json={"sectionKey": "faqs", "vapiFileId": file})
        assert refusal(put) == (403, "plan_upgrade_required")
        assert refusal(await api.delete("/api/kb", params={"section": "faqs"})) == (403, "plan_upgrade_required")


async def test_without_an_assistant_there_is_no_knowledge(store: Store, shelf: Library) -> None:
    business = await add_business(store, Tier.PRO)
    async with business_api(store, business, knowledge=shelf.service) as api:
        text = {"sectionKey": "faqs", "text": "x"}
        for answer in (
            await api.get("/api/kb"),
            await api.put("/api/kb", json=text),
            await api.delete("/api/kb", params={"section": "faqs"}),
        ):
            assert refusal(answer) == (404, "no_active_assistant")
        await add_assistant(store, business)
        assert (await api.put("/api/kb", json=text)).status_code == 200
    assert len(shelf.files()) == 1


async def test_nobody_is_told_nothing(api: ApiClient) -> None:
    anonymous = api.signed_in_as(None)
    for method, path in (("GET", "/api/kb"), ("PUT", "/api/kb"), ("DELETE", "/api/kb"), ("POST", "/api/kb/upload")):
        assert refusal(await anonymous.request(method, path)) == (401, "unauthenticated")


async def test_a_business_uploads_sixty_times_an_hour(api: ApiClient, house: Business, shelf: Library) -> None:
    for _ in range(60):
        await shelf.service.count_upload(house.organization_id)

    answer = await _upload(api, TEXT)

    assert refusal(answer) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.slow
async def test_an_upload_that_nobody_attaches_goes(api: ApiClient, shelf: Library, store: Store) -> None:
    """One that was attached stays."""
    kept, forgotten = [(await _upload(api, TEXT)).json()["fileId"] for _ in range(2)]
    await api.put("/api/kb", json={"sectionKey": "faqs", "vapiFileId": kept})
    await shelf.clear(NOW + dt.timedelta(hours=2))
    assert len(shelf.files()) == 2

    await shelf.clear(NOW + WAITS_FOR)

    assert shelf.files() == [kept]
    assert forgotten not in shelf.files()
    assert await _rows(store) == [1, 1, 1]


class _Crash(Exception):
    """The process ends here."""


async def test_bytes_of_a_crash_are_removed(
    api: ApiClient, house: Business, shelf: Library, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the bytes and their row nothing else knows of them."""

    async def crash(*_: object, **__: object) -> None:
        raise _Crash

    monkeypatch.setattr("voice_engine.domains.knowledge.repository.add_file", crash)
    with pytest.raises(_Crash):
        await shelf.service.put(house.organization_id, "faqs", text="x", file_id=None, file_name=None)
    assert len(shelf.files()) == 1
    assert await _rows(store) == [0, 0, 0]

    await shelf.clear(NOW + dt.timedelta(hours=2))

    assert shelf.files() == []
