"""Wire schemas of the prompt."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from voice_engine.rest.wire import RequestBody, ResponseBody, Text

LONGEST_PROMPT = 50_000

Rewritable = Literal["persona", "context"]


def _each_once(sections: list[Rewritable]) -> list[Rewritable]:
    if len(set(sections)) < len(sections):
        raise ValueError("names a section twice")
    return sections


def _whole(number: object) -> object:
    """JSON Schema's integers may be written 7.0."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _both() -> list[Rewritable]:
    return ["persona", "context"]


class PromptIn(RequestBody):
    """`PUT /api/prompt`. `version` 0: not given, which overwrites whatever there is."""

    system_prompt: Annotated[Text, Field(alias="systemPrompt", min_length=1, max_length=LONGEST_PROMPT)]
    version: Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1)] = 0


class RegenerateIn(RequestBody):
    """`POST /api/prompt/regenerate`."""

    sections: Annotated[list[Rewritable], Field(min_length=1), AfterValidator(_each_once)] = Field(
        default_factory=_both
    )


class PromptOut(ResponseBody):
    """`GET /api/prompt`."""

    system_prompt: Annotated[str, Field(serialization_alias="systemPrompt")]
    assistant_name: Annotated[str, Field(serialization_alias="assistantName")]
    engine_id: Annotated[str, Field(serialization_alias="vapiAssistantId")]
    can_edit: Annotated[bool, Field(serialization_alias="canEdit")]
    version: int
    sections: list[str]


class RegenerateOut(ResponseBody):
    """The whole prompt as it reads now, and what was written anew."""

    success: Literal[True]
    system_prompt: Annotated[str, Field(serialization_alias="systemPrompt")]
    regenerated: list[str]
