"""Spanish cues for codes and phone numbers, and its letter names."""

import re

from voice_engine.core.dialogue.language.digits import CodeGrammar

# Names of letters as recognisers write them; single-letter words ("y", "o", "a", "e") stand for themselves.
LETTERS = {
    "be": "b", "ce": "c", "efe": "f", "ge": "g", "hache": "h", "jota": "j", "ka": "k",
    "ele": "l", "eme": "m", "ene": "n", "pe": "p", "cu": "q", "erre": "r", "ere": "r",
    "ese": "s", "te": "t", "ve": "v", "uve": "v", "equis": "x", "ye": "y", "zeta": "z",
    "ceta": "z", "dobleuve": "w", "igriega": "y", "alfa": "a", "alpha": "a", "bravo": "b", "charlie": "c",
    "eco": "e", "foxtrot": "f", "golf": "g", "india": "i", "kilo": "k", "lima": "l", "noviembre": "n",
    "oscar": "o", "papa": "p", "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniforme": "u",
    "victor": "v", "whisky": "w", "yanqui": "y", "zulu": "z",
}  # fmt: skip

CODES = CodeGrammar(
    cue=re.compile(
        r"\b(?:(?:numero|codigo|clave|localizador|folio|referencia|identificador)(?: (?:de|del?|la|su"
        r"|tu))*(?: (?:confirmacion|reserva|reservacion|referencia|cita|folio|localizador|seguimiento"
        r"|expediente))?"
        r"|confirmacion)(?: (?:para usted|seria|sera|va a ser|es|queda|el|la|le doy es|numero|:|,|\.))* "
    ),
    phone_cue=re.compile(r"\b(?:telefono|numero|celular|movil|llamar|llame|contacto|whatsapp|marcar)\b"),
    letters=LETTERS,
    such_as=(("como", "en"), ("de", "la"), ("con", "de"), ("de",), ("como",)),
    skip=frozenset({",", "-", ".", "guion", "luego", "espacio"}),
)
