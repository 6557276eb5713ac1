"""The operations on contacts."""

from typing import Annotated

from fastapi import Query, Request, Response

from voice_engine.rest.security import Caller
from voice_engine.rest.v1.errors import field_error
from voice_engine.rest.v1.inbound.contact_schemas import (
    MOST_IMPORT_BYTES,
    ContactChangeIn,
    ContactIn,
    ContactOut,
    ContactPageOut,
    ImportIn,
    ImportOut,
    contact_out,
    contact_page_out,
    import_out,
    new_contact,
)
from voice_engine.rest.v1.inbound.reach import FURTHEST_OFFSET, Offset, surface_of
from voice_engine.rest.v1.router import operation, services_of, v1_router

FILES = frozenset({"csv", "vcard"})

router = v1_router("Inbound")


@router.get("/v1/inbound/contacts", openapi_extra=operation("calls:read"))
async def list_contacts(
    *,
    caller: Caller,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
    q: Annotated[str | None, Query(max_length=200)] = None,
    vip_only: bool = False,
) -> ContactPageOut:
    """Contacts, by name."""
    text = (q or "").replace("\0", "").strip()
    async with services_of(request).store.read(caller.organization_id) as work:
        page = await surface_of(request).contacts.list_page(
            work, text=text, vip_only=vip_only, limit=limit, offset=min(offset, FURTHEST_OFFSET)
        )
        return contact_page_out(page, limit=limit, offset=offset)


@router.post("/v1/inbound/contacts", status_code=201, openapi_extra=operation("calls:write"))
async def create_contact(body: ContactIn, caller: Caller, request: Request) -> ContactOut:
    """Keep a contact; the next call from the number is recognised."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        return contact_out(await surface_of(request).contacts.create(work, new_contact(body)))


@router.post(
    "/v1/inbound/contacts/import", openapi_extra=operation("calls:write", most_body_bytes=MOST_IMPORT_BYTES)
)
async def import_contacts(body: ImportIn, caller: Caller, request: Request) -> ImportOut:
    """Take over contacts from a file or a connected account."""
    imports = surface_of(request).imports
    if body.source not in FILES:
        return import_out(await imports.from_account(caller.organization_id, body.source))
    if body.data is None:
        raise field_error("data", "is needed: the text of the file")
    return import_out(await imports.from_text(caller.organization_id, body.source, body.data))


@router.put("/v1/inbound/contacts/{contact_id}", openapi_extra=operation("calls:write"))
async def update_contact(contact_id: str, body: ContactChangeIn, caller: Caller, request: Request) -> ContactOut:
    """Change the fields that are named."""
    changes = body.model_dump(exclude_unset=True)
    async with services_of(request).store.begin(caller.organization_id) as work:
        return contact_out(await surface_of(request).contacts.update(work, contact_id, changes))


@router.delete("/v1/inbound/contacts/{contact_id}", status_code=204, openapi_extra=operation("calls:write"))
async def delete_contact(contact_id: str, caller: Caller, request: Request) -> Response:
    """Forget a contact; past calls keep the name that they had."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        await surface_of(request).contacts.delete(work, contact_id)
    return Response(status_code=204)
