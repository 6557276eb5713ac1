"""What the webhooks of `/api` answer."""

from typing import Literal

from voice_engine.domains.webhooks.service import TRANSFERRING, Ignored, Reply
from voice_engine.domains.webhooks.tools import ToolResult
from voice_engine.ports.knowledge import Passage
from voice_engine.rest.wire import ResponseBody


class ToolResultOut(ResponseBody):
    """What came of one tool: `result` or `error`."""

    name: str
    toolCallId: str  # the other engine's name
    result: str | None
    error: str | None


class DestinationOut(ResponseBody):
    """Where a call is transferred to."""

    type: Literal["number"]
    number: str
    message: str


class DocumentOut(ResponseBody):
    """A passage of what a business has written."""

    content: str
    similarity: float
    uuid: str


class VapiReplyOut(ResponseBody):
    """The answer; what is None is left out."""

    received: bool | None
    ignored: Ignored | None
    results: list[ToolResultOut] | None
    result: str | None
    assistantId: str | None  # the other engine's name
    destination: DestinationOut | None
    documents: list[DocumentOut] | None
    error: str | None


def reply_out(reply: Reply) -> VapiReplyOut:
    """The wire's view. What was only told is received; what was asked is answered."""
    answers = (reply.results, reply.result, reply.assistant_id, reply.destination, reply.documents, reply.error)
    is_answer = any(answer is not None for answer in answers)
    return VapiReplyOut(
        received=None if is_answer and reply.ignored is None else True,
        ignored=reply.ignored,
        results=None if reply.results is None else [_result(result) for result in reply.results],
        result=reply.result,
        assistantId=reply.assistant_id,
        destination=None if reply.destination is None else _destination(reply.destination),
        documents=None if reply.documents is None else [_document(passage) for passage in reply.documents],
        error=reply.error,
    )


def failed_out() -> VapiReplyOut:
    """The answer when the message could not be taken in: by no fault of the sender's."""
    return VapiReplyOut(
        received=False,
        ignored=None,
        results=None,
        result=None,
        assistantId=None,
        destination=None,
        documents=None,
        error="the message could not be taken in; nothing was changed",
    )


def _result(result: ToolResult) -> ToolResultOut:
    return ToolResultOut(name=result.name, toolCallId=result.tool_call_id, result=result.result, error=result.error)


def _destination(number: str) -> DestinationOut:
    return DestinationOut(type="number", number=number, message=TRANSFERRING)


def _document(passage: Passage) -> DocumentOut:
    return DocumentOut(content=passage.text, similarity=passage.score, uuid=passage.key)
