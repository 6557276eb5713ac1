"""Settings of the packaged language models; what an entry point of `voice_engine.llm` is given."""

from dataclasses import dataclass, field

from voice_engine.providers.scripted import ScriptedSettings

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAILLMSettings:
    """A chat model over the OpenAI API or anything compatible with it.

    `base_url` None: the vendor's own. `api_key` may be left out only for an endpoint on this machine.
    `timeout_s`: request to response headers; `stall_s`: the longest silence inside a stream. The turn's own
    deadline is shorter; these free the connection when nobody waits any more.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    model: str = "gpt-6-luna"
    timeout_s: float = 8.0
    connect_timeout_s: float = 2.0
    stall_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMSettings:
    """Everything that the packaged language models can be told."""

    openai: OpenAILLMSettings = field(default_factory=OpenAILLMSettings)
    scripted: ScriptedSettings = field(default_factory=ScriptedSettings)
