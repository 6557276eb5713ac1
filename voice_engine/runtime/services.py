"""What a call needs from outside, gathered once by the composition root."""

from dataclasses import dataclass, field

from voice_engine.core.playout.model import PlayoutSettings
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.ports.calendar import Calendar
from voice_engine.ports.clock import Clock
from voice_engine.ports.knowledge import Knowledge
from voice_engine.ports.llm import LLM
from voice_engine.ports.stt import STT
from voice_engine.ports.telephony import CallControl
from voice_engine.ports.tts import TTS
from voice_engine.runtime.brain import BrainSettings
from voice_engine.runtime.journal import Journal
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.transferring import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class CallServices:
    """The adapters and settings of one call. `calendar` and `knowledge` None: the policy does without.

    `reach` rings whom a call is transferred to; None: transfers go to the carrier (`control`), for good.
    """

    clock: Clock
    stt: STT
    tts: TTS
    control: CallControl
    llm: LLM | None = None
    calendar: Calendar | None = None
    knowledge: Knowledge | None = None
    journal: Journal | None = None
    reach: Reach | None = None
    session: SessionSettings = field(default_factory=SessionSettings)
    turns: TurnSettings = field(default_factory=TurnSettings)
    playout: PlayoutSettings = field(default_factory=PlayoutSettings)
    brain: BrainSettings = field(default_factory=BrainSettings)
