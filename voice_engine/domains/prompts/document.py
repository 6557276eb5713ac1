"""A prompt as a value: what its owner wrote, what its settings said then and say now. Pure.

Three things happen to one: settings change (`with_latest`), its owner replaces the text (`replaced`), its owner has
sections written anew (`rewritten`). The latter two are new texts of the owner's: what is generated from then on is
compared with what stood there at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Self

from voice_engine.domains.prompts.edit import Composed, Managed, compose
from voice_engine.domains.prompts.locate import Span, locate
from voice_engine.domains.prompts.sections import ORDER, Rendering, SectionKey

Renderings = Mapping[SectionKey, Rendering | None]


@dataclass(frozen=True, kw_only=True)
class Document:
    """One prompt. `spans` are where its sections stand in `source`."""

    source: str
    spans: Mapping[SectionKey, Span]
    sections: Mapping[SectionKey, Managed]

    @classmethod
    def first(cls, renderings: Renderings) -> Self:
        """A prompt that nobody has touched."""
        texts = [text.text for key in ORDER if (text := renderings.get(key)) is not None]
        return cls._settled("\n\n".join(texts) + "\n", renderings)

    @classmethod
    def _settled(cls, source: str, renderings: Renderings) -> Self:
        sections = {key: Managed(base=renderings.get(key), latest=renderings.get(key)) for key in ORDER}
        return cls(source=source, spans=locate(source, renderings), sections=MappingProxyType(sections))

    @cached_property
    def composed(self) -> Composed:
        """The text as it reads now, and what stands in it."""
        return compose(self.source, self.spans, self.sections)

    @property
    def text(self) -> str:
        """The text as it reads now."""
        return self.composed.text

    @property
    def latest(self) -> Renderings:
        """What the settings say now."""
        return {key: managed.latest for key, managed in self.sections.items()}

    def with_latest(self, renderings: Renderings) -> "Document":
        """After a change of settings: these sections say something else now."""
        changed = {key: replace(self._managed(key), latest=latest) for key, latest in renderings.items()}
        return replace(self, sections=MappingProxyType({**self.sections, **changed}))

    def replaced(self, text: str) -> "Document":
        """After its owner wrote another text. May take long (`locate`): for a thread, not for a loop."""
        return Document._settled(text, self.latest)

    def rewritten(self, renderings: Renderings) -> tuple["Document", Composed]:
        """After its owner had these sections written anew; beside it, what gave way. For a thread too."""
        asked = self.with_latest(renderings)
        composed = compose(asked.source, asked.spans, asked.sections, rewrite=renderings)
        return Document._settled(composed.text, asked.latest), composed

    def _managed(self, key: SectionKey) -> Managed:
        return self.sections.get(key, Managed())
