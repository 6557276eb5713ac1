"""Wire schemas of assistants."""

from typing import Annotated

from pydantic import AfterValidator, Field

from voice_engine.ports.call import GreetingMode
from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp

Label = Annotated[Text, Field(min_length=1, max_length=60)]
EngineId = Annotated[Text, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+\z")]
SpokenName = Annotated[
    Text, Field(pattern=r"^[^\r\n\t<>{}]*\z"), AfterValidator(str.strip), Field(min_length=2, max_length=30)
]
"""It is written into the prompt and read aloud."""
Greeting = Annotated[Text, Field(min_length=1, max_length=1000)]


class CreateIn(RequestBody):
    """`POST /api/assistants`."""

    engine_id: Annotated[EngineId, Field(alias="vapiAssistantId")]
    name: Label


class RenameIn(RequestBody):
    """`PATCH /api/assistants/{id}`."""

    name: Label


class NameIn(RequestBody):
    """`PUT /api/assistant-name`."""

    name: SpokenName


class FirstMessageIn(RequestBody):
    """`PUT /api/first-message-mode`. `first_message` empty: it was not sent."""

    mode: GreetingMode
    first_message: Annotated[Greeting, Field(alias="firstMessage")] = ""


class AssistantOut(ResponseBody):
    """One assistant."""

    id: str
    engine_id: Annotated[str, Field(serialization_alias="vapiAssistantId")]
    name: str
    status: str
    calls: Annotated[int, Field(serialization_alias="callCount")]
    is_primary: Annotated[bool, Field(serialization_alias="isPrimary")]
    created_at: Annotated[Timestamp, Field(serialization_alias="createdAt")]


class AssistantEnvelope(ResponseBody):
    """One assistant, in its envelope."""

    assistant: AssistantOut


class AssistantList(ResponseBody):
    """All of them, and the number on which the business is called."""

    assistants: list[AssistantOut]
    phone_number: Annotated[str | None, Field(serialization_alias="phoneNumber")]


class NameOut(ResponseBody):
    """The spoken name."""

    name: str
    default_name: Annotated[str, Field(serialization_alias="defaultName")]
    can_edit: Annotated[bool, Field(serialization_alias="canEdit")]


class FirstMessageOut(ResponseBody):
    """How calls begin."""

    mode: GreetingMode
    first_message: Annotated[str | None, Field(serialization_alias="firstMessage")]


class SuccessOut(ResponseBody):
    """It is done."""

    success: bool
