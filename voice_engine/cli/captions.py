"""What a person watching a call sees of it, as a value: fed by events, rendered elsewhere."""

from dataclasses import dataclass, field
from typing import Any, Literal

from voice_engine.core.dialogue.credits import call_credits
from voice_engine.ports.call import CallSpec, EngineEvent

Speaker = Literal["AI", "HUMAN"]

Phase = Literal[
    "ringing", "listening", "caller speaks", "thinking", "engine speaks", "interrupted", "on hold", "ended"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One line of the conversation. `heard` is the prefix that was really heard; None: all of it."""

    at_ms: int
    speaker: Speaker
    text: str
    heard: str | None = None
    latency_ms: float | None = None
    unfinished: bool = False
    """Still being said: the words may change, or not be spoken at all."""

    def unheard(self) -> str:
        """The rest of the text, which the other party never heard."""
        if self.heard is None or self.heard == self.text:
            return ""
        words, heard = self.text.split(), self.heard.split()
        return " ".join(words[len(heard) :])

    def spoken(self) -> str:
        """What was heard of the text, in the text's own spelling."""
        rest = self.unheard()
        return self.text[: len(self.text) - len(rest)].rstrip() if rest else self.text


@dataclass(slots=True, kw_only=True)
class CallView:
    """The state of one watched call; `on_event` moves it. All times in ms since the call was answered."""

    spec: CallSpec
    phase: Phase = "ringing"
    captions: list[Caption] = field(default_factory=list)
    interim: str = ""
    saying: str = ""
    """The engine's words of the reply under way, as far as it has begun to speak them."""
    notes: list[str] = field(default_factory=list)
    barge_ins: int = 0
    answered: bool = False
    now_ms: int = 0
    _latency_ms: float | None = None
    _began_ms: int | None = None

    def on_event(self, event: EngineEvent) -> None:
        """Take one event of the engine; types it does not show are ignored."""
        self.now_ms = max(self.now_ms, event.at_ms)
        facts = event.facts
        match event.type:
            case "call.answered":
                self.answered, self.phase = True, "listening"
            case "speech.started":
                self.phase = "interrupted" if self.phase == "engine speaks" else "caller speaks"
            case "reply.started":
                self.phase, self._began_ms = "engine speaks", event.at_ms
                latency = facts.get("latency_ms")
                self._latency_ms = float(latency) if latency is not None else None
            case "reply.resumed":
                self.phase = "engine speaks"
                self._note(event)
            case "reply.ended" if self.phase in {"engine speaks", "interrupted", "thinking"}:
                self.phase = "listening"
            case "call.ended":
                self.phase = "ended"
            case _:
                self._words(event)

    def _words(self, event: EngineEvent) -> None:
        facts = event.facts
        match event.type:
            case "transcript.interim":
                self.interim = str(facts.get("pii_text", ""))
            case "turn.human":
                self._add(event.at_ms, "HUMAN", facts)
                self.phase = "thinking"
            case "reply.clause":
                self.saying = f"{self.saying} {facts.get('pii_text', '')}".strip()
            case "reply.withdrawn":
                self._withdraw()
            case "turn.ai":
                self._add(event.at_ms, "AI", facts)
            case _:
                self._note(event)

    def shown(self) -> list[Caption]:
        """The captions, and what either side is saying right now."""
        shown = list(self.captions)
        if self.interim:
            shown.append(Caption(at_ms=self.now_ms, speaker="HUMAN", text=self.interim, unfinished=True))
        if self.saying:
            began_ms = self._began_ms
            latency_ms = None if began_ms is None else self._latency_ms
            at_ms = self.now_ms if began_ms is None else began_ms
            shown.append(
                Caption(
                    at_ms=at_ms, speaker="AI", text=self.saying, latency_ms=latency_ms, unfinished=began_ms is None
                )
            )
        return shown

    def credits(self) -> str:
        """Credits used so far, as a decimal string."""
        return str(call_credits(self.now_ms / 1000, connected=self.answered))

    @property
    def last_latency_ms(self) -> float | None:
        """The newest answer's time from the caller's last speech to the first audio."""
        return self._latency_ms

    def _withdraw(self) -> None:
        """The caller goes on with the turn: what it was, and the answer to it, never happened."""
        self.saying, self._began_ms = "", None
        if self.captions and self.captions[-1].speaker == "HUMAN":
            self.interim = self.captions.pop().text

    def _add(self, at_ms: int, speaker: Speaker, facts: Any) -> None:
        self.interim = ""
        text = str(facts.get("pii_text", ""))
        if speaker == "HUMAN":
            self.captions.append(Caption(at_ms=int(facts.get("start_ms", at_ms)), speaker=speaker, text=text))
            return
        self.saying = ""
        heard = str(facts.get("pii_heard", text)) if facts.get("interrupted") else None
        began_ms, self._began_ms = self._began_ms, None
        latency_ms = None if began_ms is None else self._latency_ms
        at_ms = at_ms if began_ms is None else began_ms
        self.captions.append(Caption(at_ms=at_ms, speaker=speaker, text=text, heard=heard, latency_ms=latency_ms))

    def _note(self, event: EngineEvent) -> None:
        facts = event.facts
        match event.type:
            case "barge_in":
                self.barge_ins += 1
            case "backchannel":
                self.notes.append(f"they said “{facts.get('pii_text', '')}” and the engine went on")
            case "reply.resumed":
                self.notes.append("no interruption: resumed from the heard word")
            case "dtmf.sent":
                self.notes.append(f"keys pressed: {facts.get('digits', '')}")
            case "tool.called":
                self.notes.append(f"looks up: {facts.get('tool', '')}")
            case "signal":
                self.notes.append(_signal(facts))
            case "provider.failed":
                self.notes.append(f"{facts.get('provider', 'a provider')} failed: {facts.get('code', '')}")
            case _:
                return


def _signal(facts: Any) -> str:
    match facts.get("kind"):
        case "beep":
            return "a beep"
        case "music":
            return "hold music" if facts.get("playing") else "the music stopped"
        case "limit":
            return f"limit reached: {facts.get('which', '')}"
        case kind:
            return str(kind)
