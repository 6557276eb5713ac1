"""How instructions of a call's owner begin, by language: the lexicon of `whisper`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from voice_engine.ports.call import Language


@dataclass(frozen=True, slots=True)
class Words:
    """How instructions begin in one language. `bare`: words that join values and say nothing themselves."""

    end: re.Pattern[str]
    heed: re.Pattern[str]
    tell: re.Pattern[str]
    ask: re.Pattern[str]
    request: re.Pattern[str]
    question: re.Pattern[str]
    asks: re.Pattern[str]
    take: re.Pattern[str]
    refuse: re.Pattern[str]
    any_time: re.Pattern[str]
    order: re.Pattern[str]
    fine: re.Pattern[str]
    bare: frozenset[str]


_PLEASE = r"^(?:please[, ]+|por favor[, ]+|ok(?:ay)?[, ]+|y |and |also |tambi[eé]n )*"

WORDS: Mapping[Language, Words] = {
    "en": Words(
        end=re.compile(
            _PLEASE + r"(?:(?:end|finish|stop|terminate) (?:the|this) (?:call|conversation)|hang up"
            r"|say (?:good)?bye|wrap (?:it )?up)(?: now| here| please)*$",
            re.I,
        ),
        heed=re.compile(
            _PLEASE + r"(?:(?:do not|don'?t|never) (?:tell|mention|say|reveal|let|talk|speak|interrupt|ask|give)\b"
            r"|(?:fyi|between us|for your information|keep in mind|remember|internally|just so you know)\b"
            r"|(?:be|stay|sound) \w+|(?:speak|talk) )",
            re.I,
        ),
        tell=re.compile(
            _PLEASE + r"(?:tell (?P<whom>them|him|her|the \w+)|let (?P<known>them|him|her) know|say|mention"
            r"|inform (?P<told>them|him|her)|remind (?P<reminded>them|him|her))(?: that|:|,)? (?P<text>.+)$",
            re.I | re.S,
        ),
        ask=re.compile(
            _PLEASE + r"(?:ask|find out|check|enquire|inquire)(?: with)?(?: (?P<whom>them|him|her|the \w+))?,?"
            r" (?P<text>(?:about|whether|if|how|what|when|where|who|which|why|do|does|is|are|can|could|will)\b.+)$",
            re.I | re.S,
        ),
        request=re.compile(
            _PLEASE + r"(?:ask (?:(?P<whom>them|him|her|the \w+) )?for|ask (?P<whose>(?=his|her|their))|request|get"
            r"|try to get) ?(?P<text>.+)$",
            re.I | re.S,
        ),
        question=re.compile(r"^(?:about|whether|if|how|what|when|where|who|which|why)\b", re.I),
        asks=re.compile(
            r"^(?:do|does|is|are|can|could|will|would|has|have|how|what|when|where|who|which|why)\b", re.I
        ),
        take=re.compile(
            _PLEASE + r"(?:yes[, ]*)?(?:(?:take|accept|confirm|book|do) (?:it|that|this|them|theirs?"
            r"|(?:the|their|that) (?:offer|slot|time|table|appointment|booking|one))|accept|say yes"
            r"|agree(?: to (?:it|that))?|go ahead|tell (?:them|him|her) yes"
            r"|that(?:'s| is) (?:fine|ok|okay|good)|sounds good)(?: please)?$",
            re.I,
        ),
        refuse=re.compile(
            _PLEASE + r"(?:no[, ]+)?(?:(?:do not|don'?t) (?:take|accept|book|agree|confirm)\b.*"
            r"|refuse(?: it| that)?|decline(?: it| that)?|reject(?: it| that)?"
            r"|turn (?:it|that) down|say no|tell (?:them|him|her) no)$",
            re.I,
        ),
        any_time=re.compile(
            r"\b(?:any ?time|any (?:slot|hour)|whatever (?:time|they (?:have|offer))|whenever)\b", re.I
        ),
        order=re.compile(
            _PLEASE + r"(?:yes[, ]+)?(?:accept|take|book|try|offer|propose|suggest|go for|make it"
            r"|change (?:it|that) to|move (?:it|that) to|we can (?:do|take|make)|i can (?:do|take|make)"
            r"|agree (?:to|on)|ask for)\b",
            re.I,
        ),
        fine=re.compile(
            r"\b(?:is|are|would be|'s) (?:also )?(?:fine|ok|okay|good|great|possible|acceptable|all right)"
            r"|\bworks?\b|\bwill do\b|\b(?:ok|okay|fine|too|instead)[.!]?$",
            re.I,
        ),
        bare=frozenset({
            "at", "on", "for", "the", "in", "to", "and", "of", "people", "persons", "please", "then", "around",
            "about", "after", "before", "between", "until", "from", "o'clock", "oclock", "am", "pm", "by",
        }),
    ),
    "es": Words(
        end=re.compile(
            _PLEASE + r"(?:(?:termina|acaba|finaliza|corta)(?:r)? (?:la|esta) (?:llamada|conversaci[oó]n)|cuelga"
            r"|colgar|desp[ií]dete)(?: ya| ahora| por favor)*$",
            re.I,
        ),
        heed=re.compile(
            _PLEASE + r"(?:(?:no|nunca) (?:les? |lo |la )?(?:digas|menciones|cuentes|reveles|hables|interrumpas"
            r"|preguntes|des)\b|(?:entre nosotros|para tu informaci[oó]n|ten en cuenta|recuerda(?! a|l)"
            r"|que sepas)\b|(?:s[eé]|habla) \w+)",
            re.I,
        ),
        tell=re.compile(
            _PLEASE + r"(?:(?:d[ií]|av[ií]sa|recu[eé]rda|coment[aá]|inf[oó]rma)(?:les?|los?|las?)|di|avisa|menciona"
            r"|comenta)(?: de)?(?: que|:|,)? (?P<text>.+)$",
            re.I | re.S,
        ),
        ask=re.compile(
            _PLEASE + r"(?:preg[uú]nta(?:les?)?|averigua|consulta(?:les?)?|mira)(?P<text> (?:por|si|c[oó]mo|qu[eé]"
            r"|cu[aá]\w+|d[oó]nde|qui[eé]n|a qu[eé]|tienen|hay|se puede)\b.+)$",
            re.I | re.S,
        ),
        request=re.compile(
            _PLEASE + r"(?:p[ií]de(?:les?)?|solicita(?:les?)?|consigue|reclama) (?P<text>.+)$", re.I | re.S
        ),
        question=re.compile(r"^(?:por|si|c[oó]mo|qu[eé]|cu[aá]|d[oó]nde|qui[eé]n|a qu[eé])", re.I),
        asks=re.compile(
            r"^(?:tienen|hay|abren|aceptan|admiten|est[aá]n?|son|puede[ns]?|hacen|sirven|c[oó]mo|qu[eé]|cu[aá]|d[oó]nde"
            r"|qui[eé]n|a qu[eé])",
            re.I,
        ),
        take=re.compile(
            _PLEASE + r"(?:s[ií][, ]*)?(?:(?:ac[eé]pta|c[oó]ge|t[oó]ma|res[eé]rva|conf[ií]rma)(?:lo|la|los|las)?"
            r"(?: (?:eso|esa|ese|la oferta|esa hora|la hora|la mesa|la cita|la reserva))?|di(?:les?)? que s[ií]"
            r"|adelante|de acuerdo|est[aá] bien|me parece bien)(?: por favor)?$",
            re.I,
        ),
        refuse=re.compile(
            _PLEASE + r"(?:no[, ]+(?:lo |la )?(?:aceptes|cojas|tomes|reserves|confirmes)\b.*"
            r"|rech[aá]za(?:lo|la)?|di(?:les?)? que no)$",
            re.I,
        ),
        any_time=re.compile(r"\b(?:cualquier hora|a la hora que sea|lo que (?:tengan|haya|ofrezcan))\b", re.I),
        order=re.compile(
            _PLEASE + r"(?:s[ií][, ]+)?(?:acepta|coge|toma|reserva|prueba|intenta|ofrece|prop[oó]n|que sean?"
            r"|c[aá]mbial[oa]|podemos|puedo|queda|pide|pon)\b",
            re.I,
        ),
        fine=re.compile(
            r"\b(?:est[aá]n? bien|vale|vale tambi[eé]n|va bien|me va|nos va|sirve|es posible|tambi[eé]n"
            r"|mejor)\b[.!]?",
            re.I,
        ),
        bare=frozenset({
            "a", "la", "las", "el", "los", "de", "del", "para", "por", "en", "y", "personas", "somos", "hacia",
            "sobre", "mejor", "entre", "hasta", "desde", "antes", "despues", "manana", "tarde", "noche",
        }),
    ),
}  # fmt: skip

PART_OF_VALUES = frozenset({
    "half", "past", "quarter", "noon", "midnight", "tonight", "today", "tomorrow", "next", "this", "evening",
    "morning", "afternoon", "media", "cuarto", "menos", "mediodía", "medianoche", "hoy", "mañana", "próximo", "que",
    "viene", "este", "thirty", "fifteen", "forty", "five",
})  # fmt: skip
"""Words that are part of a time or a day and none by themselves."""
