"""Contacts: listed and searched, starred, entered, changed, deleted, exported."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from voice_engine.domains.contacts.exporting import write_vcards
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.service import to_e164
from voice_engine.errors import NotFound, VoiceEngineError
from voice_engine.rest.v1.inbound.contact_schemas import ContactIn, new_contact
from voice_engine.web.dashboard.desk.reach import NAME, Paging, inbound_of, page_of, region_of, text_of, wording
from voice_engine.web.dashboard.view import View, route

PATH = "/app/contacts"
PAGE = 50
MOST_SEARCHED = 200
EXPORTED_AT_ONCE = 500
FIELDS = ("name", "phone_number", "email", "notes")


async def show_contacts(view: View) -> Response:
    """A page of them; htmx gets the list alone."""
    query = view.request.query_params
    text, vip_only = query.get("q", "").replace("\0", "").strip()[:MOST_SEARCHED], query.get("vip") == "yes"
    page = page_of(view)
    async with view.store.read(view.organization_id) as work:
        found = await inbound_of(view).contacts.list_page(
            work, text=text, vip_only=vip_only, limit=PAGE, offset=(page - 1) * PAGE
        )
    paging = Paging(
        page=page, size=PAGE, total=found.total, path=PATH, query={"q": text, "vip": "yes" if vip_only else ""}
    )
    return view.page(
        "desk/_contacts.html" if view.is_fragment else "desk/contacts.html",
        contacts=found.contacts,
        paging=paging,
        text=text,
        vip_only=vip_only,
        anybody=bool(found.total or text or vip_only),
    )


async def star(view: View) -> Response:
    """Make somebody a VIP, or no longer."""
    form = await view.form()
    async with view.store.begin(view.organization_id) as work:
        changes = {"is_vip": text_of(form, "is_vip") == "yes"}
        contact = await inbound_of(view).contacts.update(work, _id(view), changes)
    return view.page("desk/_star.html", contact=contact)


async def show_new(view: View) -> Response:
    """An empty form; the number may come along (`?phone=`)."""
    values = {**dict.fromkeys(FIELDS, ""), "is_vip": ""}
    values["phone_number"] = view.request.query_params.get("phone", "")[:32]
    return _show(view, None, values)


async def show_one(view: View) -> Response:
    """Somebody's form."""
    async with view.store.read(view.organization_id) as work:
        contact = await inbound_of(view).contacts.get(work, _id(view))
    values = {name: getattr(contact, name) or "" for name in FIELDS}
    return _show(view, contact, {**values, "is_vip": "yes" if contact.is_vip else ""})


async def create(view: View) -> Response:
    """Keep somebody."""
    return await _save(view, None)


async def update(view: View) -> Response:
    """Change somebody."""
    async with view.store.read(view.organization_id) as work:
        contact = await inbound_of(view).contacts.get(work, _id(view))
    return await _save(view, contact)


async def delete(view: View) -> Response:
    """Forget somebody; past calls keep the name."""
    async with view.store.begin(view.organization_id) as work:
        await inbound_of(view).contacts.delete(work, _id(view))
    return view.go(PATH)


async def export(view: View) -> Response:
    """All of them as a vCard file."""
    headers = {
        "Content-Disposition": 'attachment; filename="contacts.vcf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(_cards(view), media_type="text/vcard; charset=utf-8", headers=headers)


async def _cards(view: View) -> AsyncIterator[str]:
    offset = 0
    while True:
        async with view.store.read(view.organization_id) as work:
            page = await inbound_of(view).contacts.list_page(
                work, text=None, vip_only=False, limit=EXPORTED_AT_ONCE, offset=offset
            )
        for card in write_vcards(page.contacts):
            yield card
        offset += EXPORTED_AT_ONCE
        if offset >= page.total:
            return


async def _save(view: View, contact: Contact | None) -> Response:
    form = await view.form()
    typed = {**{name: text_of(form, name) for name in FIELDS}, "is_vip": text_of(form, "is_vip")}
    faults: dict[str, str] = {}
    try:
        body = _body(form, region=await region_of(view))
        async with view.store.begin(view.organization_id) as work:
            contacts = inbound_of(view).contacts
            if contact is None:
                await contacts.create(work, new_contact(body))
            else:
                await contacts.update(work, contact.id, body.model_dump())
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        faults = {str(each["loc"][0]): view.words[f"fault_{each['loc'][0]}"] for each in found}
    except NotFound:
        raise
    except VoiceEngineError as error:
        faults = {"phone_number": wording(view, error)}
    if faults:
        return _show(view, contact, typed, faults=faults, status=422)
    return view.go(PATH)


def _body(form: FormData, *, region: str) -> ContactIn:
    """The form as the API would take it; a number may be written as at home."""
    return ContactIn.model_validate(
        {
            "name": text_of(form, "name"),
            "phone_number": to_e164(text_of(form, "phone_number"), region=region),
            "is_vip": text_of(form, "is_vip") == "yes",
            "notes": text_of(form, "notes").replace("\r\n", "\n") or None,
            "email": text_of(form, "email") or None,
        }
    )


def _show(
    view: View,
    contact: Contact | None,
    values: Mapping[str, Any],
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return view.page("desk/contact.html", status=status, contact=contact, v=values, faults=faults or {})


def _id(view: View) -> str:
    return str(view.request.path_params["id"])


ROUTES = (
    route(PATH, show_contacts, area=NAME),
    route(f"{PATH}/new", show_new, area=NAME),
    route(f"{PATH}/new", create, area=NAME, methods=["POST"]),
    route(f"{PATH}/contacts.vcf", export, area=NAME),
    route(f"{PATH}/{{id}}", show_one, area=NAME),
    route(f"{PATH}/{{id}}", update, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/star", star, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/delete", delete, area=NAME, methods=["POST"]),
)
