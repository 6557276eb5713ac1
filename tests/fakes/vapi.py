"""VAPI as its server types (`vapi_server_sdk` 3.0) describe it: messages with all their fields, call by call.

Written by hand: field names and shapes are the published ones, values are made up.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.accounts import NOW
from tests.fakes.business import Business
from tests.fakes.calls import PUBLIC_URL
from voice_engine.bus.local import LocalBus
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.assembly import CallsDomain, build_calls
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.inbound.following import note_end
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.domains.webhooks import repository
from voice_engine.domains.webhooks.assembly import build_intake, build_webhook_jobs
from voice_engine.domains.webhooks.tools import Retrieval
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

ASSISTANT_ID = "vapi_1a2b"
CUSTOMER = "+14155559876"
OURS = "+14155550100"
VAPI_ORG = "0c6ad3b1-4a6e-4c5b-9a58-cbb8b9d6e9f0"


def iso(at: dt.datetime) -> str:
    """A time as VAPI writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(at: dt.datetime) -> int:
    """A message's time-stamp: milliseconds since 1970."""
    return round(at.timestamp() * 1000)


@dataclass(frozen=True, kw_only=True)
class VapiCall:
    """One call at VAPI. `answered_s` after it began it was answered, and `talked_s` later it was over."""

    id: str = "8f2c1e9a-5b7d-4e0f-9a3b-2c4d6e8f0a1b"
    assistant_id: str | None = ASSISTANT_ID
    kind: str = "inboundPhoneCall"
    began: dt.datetime = NOW
    talked_s: float = 330.0
    reason: str = "customer-ended-call"
    number: str | None = OURS
    number_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> dt.datetime:
        """When it was over."""
        return self.began + dt.timedelta(seconds=self.talked_s)

    def call(self, status: str = "in-progress", *, is_over: bool = False) -> dict[str, Any]:
        """The `Call` object that each message carries."""
        return {
            "id": self.id,
            "orgId": VAPI_ORG,
            "type": self.kind,
            "createdAt": iso(self.began),
            "updatedAt": iso(self.began),
            "status": status,
            "phoneCallProvider": "twilio",
            "phoneCallProviderId": "CA" + "0" * 32,
            "phoneCallTransport": "pstn",
            "phoneNumberId": self.number_id,
            "assistantId": self.assistant_id,
            "assistantOverrides": {"variableValues": {}},
            "customer": {"number": CUSTOMER, "name": "Pat Doe"},
            "monitor": {"listenUrl": "wss://vapi.example/listen", "controlUrl": "https://vapi.example/control"},
            "transport": {"provider": "vapi.websocket", "assistantVideoEnabled": False},
            "cost": 0,
            **({"startedAt": iso(self.began), "endedAt": iso(self.ended)} if is_over else {}),
            **({"endedReason": self.reason} if is_over else {}),
            **self.fields,
        }

    def message(self, kind: str, at_s: float = 0.0, **fields: Any) -> dict[str, Any]:
        """A request's body: one server message, `at_s` after the call began."""
        call = fields.pop("call", None) or self.call()
        return {
            "message": {
                "type": kind,
                "timestamp": stamp(self.began + dt.timedelta(seconds=at_s)),
                "call": call,
                "phoneNumber": {
                    "id": self.number_id,
                    "orgId": VAPI_ORG,
                    "provider": "twilio",
                    "number": self.number,
                    "twilioAccountSid": "AC" + "0" * 32,
                    "assistantId": self.assistant_id,
                    "name": "Front desk",
                    "status": "active",
                },
                "customer": {"number": CUSTOMER, "name": "Pat Doe"},
                "assistant": {
                    "name": "Reception",
                    "firstMessage": "Hi!",
                    "model": {"provider": "openai", "model": "gpt-4o", "temperature": 0.5},
                    "voice": {"provider": "11labs", "voiceId": "sarah"},
                    "transcriber": {"provider": "deepgram", "model": "nova-3"},
                },
                "artifact": {"messages": [], "messagesOpenAIFormatted": []},
                "analysis": {},
                **fields,
            }
        }

    def status(self, word: str, at_s: float = 0.0) -> dict[str, Any]:
        """`status-update`."""
        over = {"endedReason": self.reason} if word == "ended" else {}
        return self.message("status-update", at_s, status=word, call=self.call(word), **over)

    def started(self) -> dict[str, Any]:
        """`call.started`, in the reference's words."""
        return self.message("call.started", 0.0, call={**self.call(), "startedAt": iso(self.began)})

    def over(self) -> dict[str, Any]:
        """`call.ended`, in the reference's words."""
        call = self.call("ended", is_over=True)
        return self.message("call.ended", self.talked_s, call=call, endedReason=self.reason)

    def said(self, role: str, text: str, at_s: float, *, kind: str = "final") -> dict[str, Any]:
        """`transcript`."""
        return self.message("transcript", at_s, role=role, transcriptType=kind, transcript=text, isFiltered=False)

    def conversation(self, at_s: float) -> dict[str, Any]:
        """`conversation-update`."""
        lines = [{"role": "assistant", "content": "Hi!"}, {"role": "user", "content": "Hello."}]
        return self.message("conversation-update", at_s, messages=self.spoken(), messagesOpenAIFormatted=lines)

    def spoken(self) -> list[dict[str, Any]]:
        """What was said, as artifacts have it."""
        began = self.began.timestamp() * 1000
        return [
            {"role": "system", "message": "You are a receptionist.", "time": began, "secondsFromStart": 0},
            {
                "role": "bot",
                "message": "Hi! How can I help?",
                "time": began + 900,
                "endTime": began + 2_400,
                "secondsFromStart": 0.9,
                "duration": 1.5,
                "source": "",
            },
            {
                "role": "user",
                "message": "Hello, are you open on Friday?",
                "time": began + 3_000,
                "endTime": began + 4_750,
                "secondsFromStart": 3.0,
                "duration": 1.75,
                "isFiltered": False,
            },
            {
                "role": "tool_calls",
                "message": "",
                "time": began + 5_000,
                "secondsFromStart": 5.0,
                "toolCalls": [{"id": "call_1", "type": "function", "function": {"name": "x", "arguments": "{}"}}],
            },
            {
                "role": "bot",
                "message": "Yes, from nine to five.",
                "time": began + 6_000,
                "endTime": began + 7_200,
                "secondsFromStart": 6.0,
            },
        ]

    def report(self, **fields: Any) -> dict[str, Any]:
        """`end-of-call-report`."""
        return self.message(
            "end-of-call-report",
            self.talked_s + 4,
            **{
                "call": self.call("ended"),
                "endedReason": self.reason,
                "startedAt": iso(self.began),
                "endedAt": iso(self.ended),
                "cost": 0.1234,
                "costs": [{"type": "vapi", "minutes": self.talked_s / 60, "cost": 0.05}],
                "compliance": {},
                "artifact": {
                    "messages": self.spoken(),
                    "messagesOpenAIFormatted": [],
                    "transcript": "AI: Hi! How can I help?\nUser: Hello, are you open on Friday?\n"
                    "AI: Yes, from nine to five.\n",
                    "recordingUrl": f"https://storage.vapi.example/{self.id}.wav",
                    "stereoRecordingUrl": f"https://storage.vapi.example/{self.id}-stereo.wav",
                    "recording": {
                        "stereoUrl": f"https://storage.vapi.example/{self.id}-stereo.wav",
                        "mono": {"combinedUrl": f"https://storage.vapi.example/{self.id}.wav"},
                    },
                    "logUrl": "https://storage.vapi.example/log.jsonl",
                },
                "analysis": {
                    "summary": "The caller asked about Friday's hours.",
                    "successEvaluation": "true",
                    "structuredData": {"topic": "hours"},
                },
                **fields,
            },
        )

    def whole(self) -> list[dict[str, Any]]:
        """Everything that VAPI says of one call, in its order."""
        return [
            self.status("ringing", -3),
            self.status("in-progress", 0),
            self.started(),
            self.message("speech-update", 0.9, role="assistant", status="started", turn=0),
            self.message("speech-update", 2.4, role="assistant", status="stopped", turn=0),
            self.said("assistant", "Hi! How can I help?", 2.4),
            self.said("user", "Hello, are", 3.5, kind="partial"),
            self.said("user", "Hello, are you open on Friday?", 4.75),
            self.message("user-interrupted", 5.0, turnId="turn-1"),
            self.conversation(5.2),
            self.message("hang", 5.9),
            self.status("ended", self.talked_s),
            self.over(),
            self.report(),
        ]


def tool_call(call_id: str, name: str, arguments: Any, *, spelling: str = "openai") -> dict[str, Any]:
    """One asked-for tool: `openai` has the arguments as text or object in `function`, `flat` beside the name."""
    if spelling == "flat":
        return {"id": call_id, "name": name, "parameters": arguments}
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool_calls(call: VapiCall, asked: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`tool-calls`, with the tools' definitions beside the calls, as VAPI sends both."""
    beside = [
        {
            "type": "function",
            "async": False,
            "server": {"url": f"{PUBLIC_URL}/api/webhooks/vapi"},
            "function": {"name": (one.get("function") or one)["name"], "parameters": {"type": "object"}},
            "toolCall": one,
        }
        for one in asked
    ]
    return call.message("tool-calls", 10.0, toolCallList=list(asked), toolWithToolCallList=beside)


class VapiRig:
    """An intake over a store. `now` moves by hand."""

    def __init__(self, store: Store, *, retrieve: Retrieval | None = None, tool_wait_s: float = 10.0) -> None:
        self.store = store
        self.now = NOW + dt.timedelta(minutes=10)
        usage = UsageService(Accounts(UsageSettings(), self.clock))
        self.minutes = MinutesService(self.clock)
        settings = CallSettings(public_url=PUBLIC_URL, caller_id=OURS)
        self.calls: CallsDomain = build_calls(
            store, usage, settings, bus=LocalBus(), now=self.clock, minutes=self.minutes
        )
        self.calls.endings.follow(note_end)
        self.intake = build_intake(
            store, self.calls, self.minutes, now=self.clock, retrieve=retrieve, tool_wait_s=tool_wait_s
        )
        self.kinds, self.cron = build_webhook_jobs(store, self.calls, now=self.clock)

    def clock(self) -> dt.datetime:
        """The wall clock."""
        return self.now

    async def tell(self, *messages: dict[str, Any]) -> list[Any]:
        """Have messages come in, as they come over the wire."""
        return [await self.intake.take(json.loads(json.dumps(message))) for message in messages]

    async def call(self, engine_id: str = VapiCall().id) -> Call:
        """The call's row."""
        async with self.store.system("tests", writes=False) as work:
            found = await repository.find_call(work, engine_id)
        assert found is not None
        return found


async def add_assistant(
    store: Store, business: Business, engine_id: str = ASSISTANT_ID, *, is_primary: bool = True
) -> Assistant:
    """An assistant of the business, which engines know by this id."""
    assistant = Assistant(
        id=new_id(),
        engine_id=engine_id,
        name="Reception AI",
        voice_id="pNInz6obpgDQGcFmaJgB",
        voice_name="Savannah",
        created_at=NOW,
    )
    async with store.begin(business.organization_id) as work:
        work.session.add(assistant)
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        if is_primary:
            organization.primary_assistant_id = assistant.id
    return assistant


async def add_number(
    store: Store, business: Business, e164: str = OURS, *, assistant: Assistant | None = None
) -> PhoneNumber:
    """A number that the business bought."""
    number = PhoneNumber(
        id=new_id(),
        user_id=business.user_id,
        e164=e164,
        type=NumberType.PROVISIONED,
        status=NumberStatus.ACTIVE,
        provider="twilio",
        country="US",
        capabilities={"voice": True},
        assistant_id=None if assistant is None else assistant.id,
        verified_at=NOW,
        created_at=NOW,
    )
    async with store.begin(business.organization_id) as work:
        work.session.add(number)
    return number
