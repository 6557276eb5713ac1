"""What the owner reads after a call: highlights and next steps in the app's language, from state alone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.state import DialogueState
from voice_engine.core.dialogue.written import write_alternatives, write_date, write_moment, write_time
from voice_engine.ports.call import CallSpec, Category, Language

_LINES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "booked": "Booked: {what}.",
        "confirmation": "Confirmation number: {code}.",
        "table": "table for {n}",
        "appointment": "appointment",
        "room": "{room} room",
        "plain_room": "room",
        "guests": "for {n}",
        "for": "for {x}",
        "with": "with {x}",
        "on": "on {x}",
        "at": "at {x}",
        "from": "from {x}",
        "nights": ", {n} nights",
        "one_night": ", 1 night",
        "under": "under the name {x}",
        "declined": "They could not do it: “{quote}”.",
        "unavailable": "What you asked for is not available.",
        "full": "Fully booked for {date}.",
        "offers": "They offered {options}.",
        "take_offer": "Decide whether {options} suits you, then call again to book it.",
        "other_time": "Choose another time or place.",
        "callback": "They asked to be called again {when}: “{quote}”.",
        "call_again_at": "Call again {when}.",
        "opted_out": "They do not want to be called again; the number is on the do-not-call list.",
        "wrong_number": "The number belongs to somebody else.",
        "check_number": "Check the phone number.",
        "voicemail": "A message was left on their voicemail.",
        "wait_for_call": "Wait for their call, or try again later.",
        "silence": "Nobody spoke on the line.",
        "broken_off": "The call ended before there was an answer.",
        "agreed_unconfirmed": "Talked about, but not confirmed: {what}.",
        "try_again": "Try again later.",
        "call_to_confirm": "Call again to make sure that it is booked.",
        "missing": "They asked for something I did not have: {topic}.",
        "attend": "Be there {when}.",
        "quote": "{about}: “{quote}”.",
        "not_understood": "The line was too poor to understand each other.",
        "unread_booking": "They say that it is booked, but I did not understand for which time: “{quote}”.",
        "ask_the_time": "Call them to ask for which time it is booked.",
        "recording": "They declined recording; it was deleted.",
        "price": "Price named: {x}.",
    },
    "es": {
        "booked": "Reservado: {what}.",
        "confirmation": "Número de confirmación: {code}.",
        "table": "mesa para {n}",
        "appointment": "cita",
        "room": "habitación {room}",
        "plain_room": "habitación",
        "guests": "para {n}",
        "for": "para {x}",
        "with": "con {x}",
        "on": "el {x}",
        "at": "a las {x}",
        "from": "desde el {x}",
        "nights": ", {n} noches",
        "one_night": ", 1 noche",
        "under": "a nombre de {x}",
        "declined": "No pudo ser: «{quote}».",
        "unavailable": "Lo que pediste no está disponible.",
        "full": "Completo para el {date}.",
        "offers": "Ofrecieron {options}.",
        "take_offer": "Decide si te conviene {options} y vuelve a llamar para reservarlo.",
        "other_time": "Elige otra hora u otro sitio.",
        "callback": "Pidieron que se les llame de nuevo, {when}: «{quote}».",
        "call_again_at": "Volver a llamar: {when}.",
        "opted_out": "No quieren más llamadas; el número está en la lista de no llamar.",
        "wrong_number": "El número es de otra persona.",
        "check_number": "Comprueba el número de teléfono.",
        "voicemail": "Se dejó un mensaje en su buzón de voz.",
        "wait_for_call": "Espera su llamada o inténtalo más tarde.",
        "silence": "Nadie habló en la línea.",
        "broken_off": "La llamada terminó antes de que hubiera respuesta.",
        "agreed_unconfirmed": "Hablado, pero sin confirmar: {what}.",
        "try_again": "Inténtalo más tarde.",
        "call_to_confirm": "Vuelve a llamar para asegurarte de que está reservado.",
        "missing": "Pidieron algo que yo no tenía: {topic}.",
        "attend": "Acude {when}.",
        "quote": "{about}: «{quote}».",
        "not_understood": "La línea era demasiado mala para entenderse.",
        "unread_booking": "Dicen que está reservado, pero no entendí para qué hora: «{quote}».",
        "ask_the_time": "Llama para preguntar a qué hora está reservado.",
        "recording": "No quisieron ser grabados; la grabación se borró.",
        "price": "Precio indicado: {x}.",
    },
}


def write_booking(category: Category, values: Mapping[str, Any], language: Language) -> str:
    """A booking in writing: "table for 4 on Saturday, February 14 at 8:30 PM under the name John Smith"."""
    lines = _LINES[language]
    match category:
        case Category.RESTAURANT:
            parts = [lines["table"].format(n=values.get("party_size", "?"))]
        case Category.HOTEL:
            room = values.get("room")
            parts = [lines["room"].format(room=room) if room else lines["plain_room"]]
            if values.get("party_size"):
                parts.append(lines["guests"].format(n=values["party_size"]))
        case _:
            parts = [str(values["service"]) if values.get("service") else lines["appointment"]]
            if values.get("doctor"):
                parts.append(lines["with"].format(x=values["doctor"]))
            if values.get("patient"):
                parts.append(lines["for"].format(x=values["patient"]))
    parts += _when(category, values, language)
    if values.get("name"):
        parts.append(lines["under"].format(x=values["name"]))
    return " ".join(parts).replace(" ,", ",")


def _when(category: Category, values: Mapping[str, Any], language: Language) -> list[str]:
    lines, parts = _LINES[language], []
    day, moment, nights = values.get("date"), values.get("time"), values.get("nights")
    if category is Category.HOTEL and nights:
        parts.append(lines["one_night"] if nights == 1 else lines["nights"].format(n=nights))
    if isinstance(day, dt.date):
        key = "from" if category is Category.HOTEL else "on"
        parts.append(lines[key].format(x=write_date(day, language)))
    if isinstance(moment, dt.time):
        parts.append(lines["at"].format(x=write_time(moment, language)))
    return parts


def outbound_report(
    spec: CallSpec, brief: Brief, state: DialogueState, *, achieved: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Highlights and next steps of an outbound call."""
    language = spec.app_language
    lines = _LINES[language]
    highlights: list[str] = []
    steps: list[str] = []
    if achieved:
        _achieved(brief, state, language, highlights, steps)
    else:
        _not_achieved(brief, state, language, highlights, steps)
    for item in state.heard:
        if item.about not in {"refused", "offer", "unavailable"}:
            about = item.about[:1].upper() + item.about[1:]
            highlights.append(lines["quote"].format(about=about, quote=item.text.strip(" .")))
    if state.missing is not None and not achieved:
        highlights.append(lines["missing"].format(topic=state.missing))
    if state.recording_declined:
        highlights.append(lines["recording"])
    return tuple(highlights), tuple(steps)


def _achieved(
    brief: Brief, state: DialogueState, language: Language, highlights: list[str], steps: list[str]
) -> None:
    lines = _LINES[language]
    if brief.required:
        what = write_booking(brief.category, brief.booking(state.agreed), language)
        highlights.append(lines["booked"].format(what=what))
        when = " ".join(_when(brief.category, state.agreed, language)).replace(" ,", ",").removeprefix(", ")
        steps.append(lines["attend"].format(when=when))
    if state.confirmation:
        highlights.append(lines["confirmation"].format(code=state.confirmation))


def _not_achieved(
    brief: Brief, state: DialogueState, language: Language, highlights: list[str], steps: list[str]
) -> None:
    lines = _LINES[language]
    if state.unread_booking is not None and state.end != "opted_out":
        highlights.append(lines["unread_booking"].format(quote=state.unread_booking.strip(" .")))
        steps.append(lines["ask_the_time"])
        return
    fixed = {
        "opted_out": ("opted_out", None),
        "wrong_number": ("wrong_number", "check_number"),
        "voicemail": ("voicemail", "wait_for_call"),
        "silence": ("silence", "try_again"),
        "not_understood": ("not_understood", "try_again"),
    }
    if state.end in fixed:
        highlight, step = fixed[state.end]
        highlights.append(lines[highlight])
        if step is not None:
            steps.append(lines[step])
        return
    if state.callback is not None:
        highlights.append(lines["callback"].format(when=state.callback, quote=(state.refused or "").strip(" .")))
        steps.append(lines["call_again_at"].format(when=state.callback))
    elif state.refused is not None:
        highlights.append(lines["declined"].format(quote=state.refused.strip(" .")))
        _alternatives(state, language, highlights, steps)
    elif state.unavailable or state.fully_booked:
        _unavailable(brief, state, language, highlights, steps)
    elif state.agreed:
        what = write_booking(brief.category, brief.booking(state.agreed), language)
        highlights.append(lines["agreed_unconfirmed"].format(what=what))
        steps.append(lines["call_to_confirm"])
    elif not state.heard or brief.required:
        highlights.append(lines["broken_off"])
        steps.append(lines["try_again"])


def _unavailable(
    brief: Brief, state: DialogueState, language: Language, highlights: list[str], steps: list[str]
) -> None:
    lines = _LINES[language]
    day = brief.wanted.date(0)
    if state.fully_booked and day is not None:
        highlights.append(lines["full"].format(date=write_date(day, language)))
    else:
        highlights.append(lines["unavailable"])
    _alternatives(state, language, highlights, steps)


def _alternatives(state: DialogueState, language: Language, highlights: list[str], steps: list[str]) -> None:
    lines = _LINES[language]
    offers = [text for offer in state.offers if (text := write_moment(offer, language))]
    if offers:
        options = write_alternatives(list(dict.fromkeys(offers)), language)
        highlights.append(lines["offers"].format(options=options))
        steps.append(lines["take_offer"].format(options=options))
    else:
        steps.append(lines["other_time"])
