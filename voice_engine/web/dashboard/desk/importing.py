"""Importing contacts from a file: first what would happen, then, with the same file, the import."""

from starlette.datastructures import UploadFile
from starlette.responses import Response

from voice_engine.domains.contacts.importing import Fate
from voice_engine.errors import InvalidInput
from voice_engine.rest.requests import allow_body
from voice_engine.rest.v1.inbound.contact_schemas import MOST_FILE
from voice_engine.web.dashboard.desk.reach import NAME, inbound_of
from voice_engine.web.dashboard.view import View, route

PATH = "/app/contacts/import"
MOST_SHOWN = 200
"""Lines of a preview; its counts are of all."""
MOST_BODY = MOST_FILE + 16_384
"""The file with the form around it, bytes."""

FAULTS = {"no usable": "no_usable", "has no end": "no_end", "file ends": "file_ends"}
"""The reader's words, and ours for them."""


async def show(view: View) -> Response:
    """Which file?"""
    return view.page("desk/import.html")


async def preview(view: View) -> Response:
    """What would happen, and why."""
    source, text = await _file(view)
    try:
        found = await inbound_of(view).imports.preview(view.organization_id, source, text)
    except InvalidInput as error:
        raise _no_contacts(view, error) from error
    words = view.words
    why = {
        fault.row: words[
            f"imp_fault_{next((name for part, name in FAULTS.items() if part in fault.message), 'other')}"
        ]
        for fault in found.faults
    }
    return view.page(
        "desk/_preview.html",
        counts={fate.value: found.count(fate) for fate in Fate},
        lines=found.lines[:MOST_SHOWN],
        more=max(0, len(found.lines) - MOST_SHOWN),
        skipped=found.skipped,
        why=why,
        without=max(0, found.skipped - len(found.faults)),
    )


async def take_over(view: View) -> Response:
    """Do it."""
    source, text = await _file(view)
    try:
        tally = await inbound_of(view).imports.from_text(view.organization_id, source, text)
    except InvalidInput as error:
        raise _no_contacts(view, error) from error
    return view.page("desk/_imported.html", tally=tally)


async def _file(view: View) -> tuple[str, str]:
    """What kind of file was sent ("vcard" or "csv"), and its text. Raises InvalidInput `validation_error`."""
    length = view.request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BODY:
        raise InvalidInput("validation_error", view.words["imp_too_large"])
    allow_body(view.request, MOST_BODY)
    form = await view.form()
    file = form.get("file")
    raw = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    if not raw:
        raise InvalidInput("validation_error", view.words["imp_no_file"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "cp1252", "replace")
    return "vcard" if "BEGIN:VCARD" in text.upper() else "csv", text


def _no_contacts(view: View, error: InvalidInput) -> InvalidInput:
    return InvalidInput(error.code, view.words["imp_not_vcard"])


ROUTES = (
    route(PATH, show, area=NAME),
    route(f"{PATH}/preview", preview, area=NAME, methods=["POST"]),
    route(PATH, take_over, area=NAME, methods=["POST"]),
)
