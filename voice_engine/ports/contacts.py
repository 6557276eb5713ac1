"""Address books of others: read whole, or what changed since a mark."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in an address book. `id` is their name there; `numbers` as written there, best first."""

    id: str
    name: str
    numbers: tuple[str, ...]
    email: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One page of a reading. `sync_token` is set on the last page: the mark to read on from the next time."""

    persons: tuple[Person, ...]
    sync_token: str | None = None


class AddressBook(Protocol):
    """A provider's address books."""

    def read(self, refresh_token: str, *, sync_token: str | None) -> AsyncGenerator[People, None]:
        """Page by page, all of it or, with a mark, what changed; a mark that is too old reads all of it again.

        Raises:
            InvalidInput: `provider_not_connected`: access was withdrawn.
            UpstreamFailed: `service_unavailable`.
        """
        ...
