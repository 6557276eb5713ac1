"""Settings of the scripted providers: fixed delays and fixed content, for tests and for comparing engines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedSettings:
    """Delays in milliseconds, each counted from the request it answers.

    `stt_final_ms`: a final transcript after its request; `stt_text` is what every utterance is heard as.
    `llm_first_token_ms`, then one token every `llm_token_interval_ms`; `llm_reply` is cut into tokens at spaces.
    `tts_first_byte_ms` after a sentence is asked for comes the first of the 100 ms chunks that make up
    `tts_sentence_ms` of a tone, and then one every 20 ms.
    """

    stt_final_ms: float = 250.0
    stt_text: str = "Yes, that works for me."
    llm_first_token_ms: float = 250.0
    llm_token_interval_ms: float = 10.0
    llm_reply: str = (
        "This is the first sentence of the scripted model answer. "
        "This is the second sentence of the scripted model answer."
    )
    tts_first_byte_ms: float = 40.0
    tts_sentence_ms: float = 2000.0
