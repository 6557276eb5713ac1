"""Wire schemas of the knowledge base."""

import re
from typing import Annotated, Literal

from pydantic import Field

from voice_engine.domains.knowledge.models import NAME_LENGTH
from voice_engine.domains.knowledge.words import MAX_TEXT_CHARS
from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,49}", re.ASCII)
SectionKey = Annotated[Text, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]


class PutIn(RequestBody):
    """`PUT /api/kb`. An empty field was not sent: none of them may be empty."""

    section_key: Annotated[SectionKey, Field(alias="sectionKey")]
    text: Annotated[Text, Field(min_length=1, max_length=MAX_TEXT_CHARS)] = ""
    file_id: Annotated[Text, Field(alias="vapiFileId", pattern=r"^[A-Za-z0-9_.:-]{1,64}$")] = ""
    file_name: Annotated[Text, Field(alias="fileName", min_length=1, max_length=NAME_LENGTH)] = ""


class SectionOut(ResponseBody):
    """One section."""

    key: str
    label: str
    text: str | None
    file_id: Annotated[str | None, Field(serialization_alias="vapiFileId")]
    file_name: Annotated[str | None, Field(serialization_alias="fileName")]
    updated_at: Annotated[Timestamp, Field(serialization_alias="updatedAt")]


class ViewOut(ResponseBody):
    """`GET /api/kb`."""

    assistant_id: Annotated[str, Field(serialization_alias="assistantId")]
    engine_id: Annotated[str, Field(serialization_alias="vapiAssistantId")]
    can_edit: Annotated[bool, Field(serialization_alias="canEdit")]
    sections: list[SectionOut]


class PutSectionOut(ResponseBody):
    """A section that was put."""

    key: str
    file_id: Annotated[str, Field(serialization_alias="vapiFileId")]
    file_name: Annotated[str, Field(serialization_alias="fileName")]


class PutOut(ResponseBody):
    """`PUT /api/kb`."""

    success: Literal[True]
    section: PutSectionOut


class UploadOut(ResponseBody):
    """`POST /api/kb/upload`."""

    file_id: Annotated[str, Field(serialization_alias="fileId")]
    file_name: Annotated[str, Field(serialization_alias="fileName")]
    file_size: Annotated[int, Field(serialization_alias="fileSize")]


class SuccessOut(ResponseBody):
    """Done."""

    success: Literal[True]
