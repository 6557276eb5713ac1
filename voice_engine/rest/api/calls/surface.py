"""What the routes of a business's calls reach."""

from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.answering.calling import AssistantCalls
from voice_engine.ports.blobs import BlobStore

MintToken = Callable[[str], str]
"""(identity) → a browser's access token, valid for an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCallSurface:
    """Calls of this process. `media_url` is the websocket that takes `mint`'s tokens."""

    outbound: AssistantCalls
    blobs: BlobStore
    mint: MintToken
    media_url: str
