"""Language models by name: the packaged ones and what other packages register as entry points.

A factory is a callable `(LLMSettings) -> LLM` under the group `voice_engine.llm`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from voice_engine.errors import InvalidInput
from voice_engine.ports.llm import LLM
from voice_engine.providers.llm.settings import LLMSettings

LLM_GROUP = "voice_engine.llm"
NO_LLM = "none"
"""The name under which calls are held by rules and templates alone."""

PACKAGED: Mapping[str, str] = {
    "openai": "voice_engine.providers.llm.openai:create",
    "scripted": "voice_engine.providers.llm.scripted:create",
}
"""Equal to the table in pyproject.toml; here too, so that a source checkout works without being installed."""


def llm_names() -> tuple[str, ...]:
    """Names that `open_llm` knows, sorted."""
    return tuple(sorted({NO_LLM, *PACKAGED, *(point.name for point in entry_points(group=LLM_GROUP))}))


def open_llm(name: str, settings: LLMSettings | None = None) -> LLM | None:
    """The model of that name; None for `none`.

    Raises:
        InvalidInput: `provider_unknown`, or the provider's own: `provider_key_missing`.
    """
    return None if name == NO_LLM else _factory(name)(settings or LLMSettings())


def _factory(name: str) -> Callable[[LLMSettings], LLM]:
    if packaged := PACKAGED.get(name):
        module, _, attribute = packaged.partition(":")
        return cast("Callable[[LLMSettings], LLM]", getattr(import_module(module), attribute))
    for point in entry_points(group=LLM_GROUP, name=name):
        return cast("Callable[[LLMSettings], LLM]", point.load())
    raise InvalidInput("provider_unknown", f"No llm provider {name!r}; there are: {', '.join(llm_names())}.")
