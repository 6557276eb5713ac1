"""The voices that a business chooses from: stable ids, and the character by which every synthesizer knows each.

A character speaks every language; how, is the synthesizer's (`providers/tts/cast.py`). So the choice holds whatever
synthesizer is configured, and in a call that changes it halfway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from voice_engine.errors import InvalidInput

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueVoice:
    """One voice. `id` never changes its meaning; `character` is what `CallSpec.voice` holds."""

    id: str
    name: str
    gender: Gender
    description: str
    character: str


CATALOGUE: tuple[CatalogueVoice, ...] = (
    CatalogueVoice(
        id="pNInz6obpgDQGcFmaJgB",
        name="Savannah",
        gender="female",
        description="Warm, professional female voice",
        character="savannah",
    ),
    CatalogueVoice(
        id="ve-james",
        name="James",
        gender="male",
        description="Deep, calm male voice",
        character="james",
    ),
    CatalogueVoice(
        id="ve-chloe",
        name="Chloe",
        gender="female",
        description="Bright, youthful female voice",
        character="chloe",
    ),
    CatalogueVoice(
        id="ve-daniel",
        name="Daniel",
        gender="male",
        description="Friendly, light male voice",
        character="daniel",
    ),
    CatalogueVoice(
        id="ve-ruth",
        name="Ruth",
        gender="female",
        description="Low, composed female voice",
        character="ruth",
    ),
)
"""In the order in which they are shown. The first id is the published example's."""

DEFAULT = CATALOGUE[0]

_BY_ID: Mapping[str, CatalogueVoice] = MappingProxyType({voice.id: voice for voice in CATALOGUE})


def find(voice_id: str) -> CatalogueVoice | None:
    """The voice of this id; None: there is none."""
    return _BY_ID.get(voice_id)


def require(voice_id: str) -> CatalogueVoice:
    """The voice of this id. Raises InvalidInput `unknown_voice`."""
    voice = find(voice_id)
    if voice is None:
        raise InvalidInput("unknown_voice", f"there is no voice {voice_id!r}; GET /api/voice/catalog has the ids")
    return voice


def engine_voice(voice_id: str | None) -> str | None:
    """What `CallSpec.voice` is for this id; None: the synthesizer's default voice of the call's language."""
    voice = find(voice_id) if voice_id is not None else None
    return voice.character if voice is not None else None
