"""Numbers of the call's shell: how long it waits, and for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """Waits and bounds of one call, in ms unless named otherwise."""

    attach_timeout_ms: int = 15_000
    """From `run()` to the first stream; beyond it the carrier failed us."""

    reattach_timeout_ms: int = 5_000
    """From a lost socket to the next stream of the same call; beyond it the other party is gone."""

    lost_is_hung_up: bool = False
    """Whether who is lost for good has left: true where the socket is the other party's own and no carrier's."""

    digits_reattach_timeout_ms: int = 15_000
    """The same while the carrier plays our digits."""

    media_lost_ms: int = 10_000
    """An open stream without any media for so long is dead: neither `stop` nor a close came (Twilio 31903)."""

    apology_ms: int = 8_000
    """After a provider failed without a substitute: how long the apology may take before we hang up."""

    pulse_ms: int = 250
    """How often limits, stalled media and the recorder are looked after."""

    stall_ms: int = 60
    """Media older than this is stalled: time is then told to the turn machine by the pulse."""

    filler_after_ms: int = 700
    """A tool slower than this is covered by its filler line."""

    tool_timeout_ms: int = 8_000
    """A tool slower than this failed."""

    tts_first_chunk_ms: int = 4_000
    """Time to first audio after which a synthesizer failed."""

    last_words_ms: int = 2_000
    """How long the end of a call waits for the recognizer's last answer."""

    drain_margin_ms: int = 2_000
    """Beyond the queued audio's length, how long a farewell may take to be acknowledged."""

    preroll_ms: int = 1_000
    """Caller audio kept for the start of an utterance (its onset is known only afterwards)."""
