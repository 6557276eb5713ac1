"""What contacts look like on the wire of `/v1`."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, model_validator

from voice_engine.domains.contacts.importing import Tally
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.service import ContactPage, NewContact
from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp

MOST_FILE = 8_000_000
"""Characters of an import; address books of ten thousand people have about three million."""
MOST_IMPORT_BYTES = 4 * MOST_FILE
"""Of a request with such a text: JSON writes a line's end in two bytes, a letter beyond ASCII in up to six."""

Name = Annotated[Text, Field(min_length=1, max_length=200)]
Notes = Annotated[Text, Field(max_length=4000)]
Email = Annotated[Text, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]


class ContactIn(RequestBody):
    """A new contact. The number is judged by the service."""

    name: Name
    phone_number: Annotated[Text, Field(max_length=200)]
    is_vip: StrictBool = False
    notes: Notes | None = None
    email: Email | None = None


class ContactChangeIn(RequestBody):
    """Any subset of a contact; what is left out stays."""

    name: Name | None = None
    phone_number: Annotated[Text, Field(max_length=200)] | None = None
    is_vip: StrictBool | None = None
    notes: Notes | None = None
    email: Email | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, given: Any) -> Any:  # any JSON
        """Only notes and the address can be taken away."""
        if isinstance(given, dict):
            nulls = [key for key in ("name", "phone_number", "is_vip") if key in given and given[key] is None]
            if nulls:
                raise ValueError(f"may not be null: leave {nulls[0]} out")
        return given


class ImportIn(RequestBody):
    """Where contacts come from; files come along in `data`."""

    source: Literal["google", "outlook", "csv", "vcard"]
    data: Annotated[Text, Field(max_length=MOST_FILE)] | None = None


class ContactOut(ResponseBody):
    """A stored contact."""

    id: str
    name: str
    phone_number: str
    is_vip: bool
    notes: str | None
    email: str | None
    source: str
    created_at: Timestamp
    updated_at: Timestamp


class ContactPageOut(ResponseBody):
    """A page of contacts, by name."""

    contacts: list[ContactOut]
    total: int
    limit: int
    offset: int
    has_more: bool


class FaultOut(ResponseBody):
    """A row that could not be taken."""

    row: int
    message: str


class ImportOut(ResponseBody):
    """What an import came to."""

    success: bool
    source: str
    imported: int
    updated: int
    skipped: int
    errors: list[FaultOut]


def new_contact(body: ContactIn) -> NewContact:
    """The contact for the service."""
    return NewContact(
        name=body.name, phone_number=body.phone_number, is_vip=body.is_vip, notes=body.notes, email=body.email
    )


def contact_out(contact: Contact) -> ContactOut:
    """The wire's view of a contact."""
    return ContactOut(
        id=contact.id,
        name=contact.name,
        phone_number=contact.phone_number,
        is_vip=contact.is_vip,
        notes=contact.notes,
        email=contact.email,
        source=contact.source,
        created_at=contact.created_at,
        updated_at=contact.updated_at,
    )


def contact_page_out(page: ContactPage, *, limit: int, offset: int) -> ContactPageOut:
    """The wire's view of a page of contacts."""
    return ContactPageOut(
        contacts=[contact_out(contact) for contact in page.contacts],
        total=page.total,
        limit=limit,
        offset=offset,
        has_more=offset + len(page.contacts) < page.total,
    )


def import_out(tally: Tally) -> ImportOut:
    """The wire's view of an import."""
    return ImportOut(
        success=True,
        source=tally.source,
        imported=tally.imported,
        updated=tally.updated,
        skipped=tally.skipped,
        errors=[FaultOut(row=fault.row, message=fault.message) for fault in tally.faults],
    )
