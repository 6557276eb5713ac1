"""Wire schemas of voices."""

from typing import Annotated

from pydantic import Field

from voice_engine.rest.wire import RequestBody, ResponseBody, Text


class VoiceIn(RequestBody):
    """`PUT /api/voice`. `voice_name` empty: the catalogue's."""

    voice_id: Annotated[Text, Field(alias="voiceId", min_length=1, max_length=100)]
    voice_name: Annotated[Text, Field(alias="voiceName", min_length=1, max_length=60)] = ""


class VoiceOut(ResponseBody):
    """The voice in use."""

    provider: str
    voice_id: Annotated[str, Field(serialization_alias="voiceId")]
    voice_name: Annotated[str, Field(serialization_alias="voiceName")]
    can_edit: Annotated[bool, Field(serialization_alias="canEdit")]


class CatalogueVoiceOut(ResponseBody):
    """One voice to choose."""

    id: str
    name: str
    gender: str
    desc: str
    preview_url: Annotated[str, Field(serialization_alias="previewUrl")]
