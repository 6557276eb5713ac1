"""What the pages share: services, templates, static files, the areas with their words and menu."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.routing import BaseRoute

from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.rest.services import Services
from voice_engine.web.dashboard.assets import Assets
from voice_engine.web.dashboard.words import COMMON, LANGUAGES, Language, Words

ROOT = "/app"
"""Home; every page is below it."""
EVERYBODY = frozenset(OrganizationKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A place in the menu. `word` is the key of its name, `icon` a symbol of `static/icons.svg`.

    What lies below `path` belongs to it, and what lies below `also`: pages that its tabs lead to.
    """

    path: str
    word: str
    icon: str
    kinds: frozenset[OrganizationKind] = EVERYBODY
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a page is this place or below it."""
        roots = (*((self.path,) if self.path != ROOT else ()), *self.also)
        return path == self.path or any(path == root or path.startswith(f"{root}/") for root in roots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A group of pages. Its templates have `words` beside the common ones; `menu` is in the menu's order."""

    name: str
    routes: Sequence[BaseRoute]
    words: Words = field(default_factory=lambda: {"en": {}, "es": {}})
    menu: Sequence[MenuItem] = ()


class Site:
    """The web app of one process. `extras` are services of areas that no API has, by the area's name."""

    def __init__(self, services: Services, areas: Sequence[Area], *, extras: dict[str, Any] | None = None) -> None:
        self.services = services
        self.extras = extras or {}
        self.assets = _assets()
        self.areas = tuple(areas)
        self.menu = tuple(item for area in areas for item in area.menu)
        self._words = {area.name: _merged(area.words) for area in areas}
        self._words[""] = _merged(COMMON)
        self._menu_words = {
            language: {
                key: text for area in areas for key, text in area.words[language].items() if key.startswith("nav_")
            }
            for language in LANGUAGES
        }
        self.environment = _environment()

    def words(self, area: str, language: Language) -> dict[str, str]:
        """The common words, the menu's, and an area's."""
        return {**self._menu_words[language], **self._words[area][language]}


@functools.cache
def _assets() -> Assets:
    """Read and compressed once a process."""
    return Assets()


@functools.cache
def _environment() -> Environment:
    """The templates, compiled once a process."""
    environment = Environment(
        loader=PackageLoader("voice_engine.web.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _assets().url
    environment.globals["icon"] = icon
    return environment


def icon(name: str, classes: str = "") -> Markup:
    """A picture beside a word: it says nothing to whoever listens."""
    kinds = f"icon {classes}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        kinds, _assets().url("icons.svg"), name
    )


def _merged(words: Words) -> dict[Language, dict[str, str]]:
    return {language: {**COMMON[language], **words[language]} for language in LANGUAGES}
