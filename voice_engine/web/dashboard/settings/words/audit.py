"""Words of the audit's page."""

from voice_engine.web.dashboard.words import Words

_EN = {
    "au_lead": "Who did what in this organization, and when. Nobody can change it.",
    "au_empty": "Nothing is noted yet. Sign-ins, changes of settings and deletions will stand here.",
    "au_none": "Nothing of this kind is noted.",
    "au_action": "What",
    "au_every": "Everything",
    "au_filter": "Show",
    "au_csv": "Download as CSV",
    "au_at": "When",
    "au_who": "Who",
    "au_facts": "Facts",
    "au_newest": "Back to the newest",
    "au_older": "Older",
    "error_cursor_invalid": "The address of this page is mistyped. Begin with the newest.",
}
_ES = {
    "au_lead": "Quién hizo qué en esta organización, y cuándo. Nadie puede cambiarlo.",
    "au_empty": "Aún no hay nada anotado. Aquí estarán los accesos, los cambios de ajustes y los borrados.",
    "au_none": "No hay nada anotado de este tipo.",
    "au_action": "Qué",
    "au_every": "Todo",
    "au_filter": "Mostrar",
    "au_csv": "Descargar como CSV",
    "au_at": "Cuándo",
    "au_who": "Quién",
    "au_facts": "Datos",
    "au_newest": "Volver a lo más nuevo",
    "au_older": "Más antiguo",
    "error_cursor_invalid": "La dirección de esta página está mal escrita. Empieza por lo más nuevo.",
}
WORDS: Words = {"en": _EN, "es": _ES}
