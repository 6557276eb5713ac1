"""What the page of talking sends, and what it gets."""

from typing import Literal

from voice_engine.domains.calls.asking import NewCall
from voice_engine.rest.v1.calls.schemas import CallIn, SubmissionIn, new_call
from voice_engine.rest.wire import RequestBody
from voice_engine.web.browser import socket_url
from voice_engine.web.talks import Talk


class TalkIn(RequestBody):
    """Whom to talk with. `task` is the submission of `POST /v1/calls`; its number is not looked at."""

    mode: Literal["reception", "respondent"]
    language: Literal["en", "es"] | None = None
    task: SubmissionIn | None = None
    timezone: str | None = None


def asked_call(body: TalkIn, task: SubmissionIn) -> NewCall:
    """The request for the service. The language of the talk is the call's, unless the task names its own."""
    spoken = task if task.call_language is not None else task.model_copy(update={"call_language": body.language})
    return new_call(CallIn(submission=spoken, timezone=body.timezone))


def talk_out(talk: Talk, *, base: str, worker: str) -> dict[str, object]:
    """All that a script needs to open the stream. `base` is our address as the browser has it."""
    entry = talk.entry
    return {
        "callId": talk.call_id,
        "callSid": entry.call_sid,
        "streamSid": entry.stream_sid,
        "accountSid": entry.account_sid,
        "socketUrl": socket_url(base, worker),
        "ticket": entry.ticket,
        "expiresInSeconds": entry.expires_in_s,
    }
