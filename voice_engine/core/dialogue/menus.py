"""Phone menus: which key means what we want. By meaning, at most two loops, then 0 for an operator."""

import re
from collections.abc import Mapping

from voice_engine.core.dialogue.actions import SendDtmf
from voice_engine.core.dialogue.commands import Menu
from voice_engine.core.dialogue.turn import Turn
from voice_engine.ports.call import Category, Language

MAX_LOOPS = 2
OPERATOR_KEY = "0"

_WANTED: Mapping[Category, tuple[str, ...]] = {
    Category.RESTAURANT: (
        r"reserv|book|table|mesa", r"host|front|dining|restaurant|comedor", r"new |nuev",
    ),
    Category.CLINIC: (
        r"appointment|schedul|book|cita|turno|agend|consulta", r"reception|front desk|recepci|patient|paciente",
        r"new |nuev",
    ),
    Category.HOTEL: (
        r"reserv|book|room|habitaci|stay|estancia", r"front desk|reception|recepci", r"new |nuev",
    ),
    Category.GENERAL: (
        r"question|general|inform|enquir|inquir|consult|pregunt", r"customer|service|atenci|client",
        r"reception|front desk|recepci",
    ),
}  # fmt: skip
_PERSON = re.compile(
    r"operator|representative|agent|person|someone|speak|talk|all other|anything else|other|operador"
    r"|operadora|agente"
    r"|persona|hablar|otra|otro|dem[aá]s|resto",
    re.IGNORECASE,
)
_LANGUAGE: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"english|ingl[eé]s", re.IGNORECASE),
    "es": re.compile(r"espa[nñ]ol|spanish|castellano", re.IGNORECASE),
}
_EXISTING = re.compile(r"cancel|change|modif|existing|cambi|anul|already", re.IGNORECASE)


def choose_key(options: Mapping[str, str], *, category: Category, language: Language) -> str | None:
    """The key whose label says what we want, or a person, or our language; None when no label does."""
    for pattern in _WANTED.get(category, ()):
        wanted = re.compile(pattern, re.IGNORECASE)
        fitting = [key for key, label in options.items() if wanted.search(label)]
        if fitting:
            return min(fitting, key=lambda key: bool(_EXISTING.search(options[key])))
    for pattern_of in (_LANGUAGE[language], _PERSON):
        for key, label in options.items():
            if pattern_of.search(label):
                return key
    return None


def answer_menu(turn: Turn, menu: Menu) -> None:
    """Press the right key; a menu that comes back twice gets 0."""
    state = turn.state
    brief = turn.brief
    category = brief.category if brief is not None else Category.GENERAL
    signature = "|".join(f"{key}={label.strip().lower()}" for key, label in sorted(menu.options.items()))
    loops = state.menu_loops + (1 if signature in state.menus else 0)
    key = choose_key(menu.options, category=category, language=turn.spec.language)
    if loops > MAX_LOOPS or key is None:
        key = OPERATOR_KEY
    turn.change(
        menus=(*state.menus, signature), menu_loops=loops, listening_to_menu=True, on_hold=False, asked=None
    )
    turn.actions.append(SendDtmf(digits=key))
    turn.wait(for_menu=True)
