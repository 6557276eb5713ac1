"""The outcome of an inbound call: what was booked, noted, told or passed on, in the call's own language."""

import datetime as dt
from collections.abc import Mapping

from voice_engine.core.dialogue.highlights import write_booking
from voice_engine.core.dialogue.outcome import json_ready
from voice_engine.core.dialogue.state import DialogueState
from voice_engine.core.dialogue.written import write_date, write_time
from voice_engine.ports.call import CallSpec, Category, Disposition, Language, Outcome, Status, TaskOutcome

_LINES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "booked": "Booked: {what}.",
        "reference": "Reference: {code}.",
        "phone": "Caller's number: {phone}.",
        "cancelled": "Cancelled: the booking on {when}.",
        "message": "Message from {name}: “{text}”.",
        "unnamed": "an unnamed caller",
        "call_back": "Call {name} back at {phone}.",
        "answer_message": "See to the message from {name}.",
        "transferred": "Put through to {target}.",
        "told": "Answered from: {keys}.",
        "opted_out": "The caller does not want to be called; the number is on the do-not-call list.",
        "spam": "A sales call, ended politely.",
        "wrong_number": "The caller had the wrong number.",
        "silence": "Nobody spoke.",
        "unserved_question": "Asked something that is not in the knowledge base: “{text}”.",
        "unserved": "The caller's wish could not be met; no message was left.",
        "add_knowledge": "Add the answer to the knowledge base.",
        "old_booking": "Take out the old booking {code}: the calendar refused.",
        "recording": "The caller declined recording; it was deleted.",
    },
    "es": {
        "booked": "Reservado: {what}.",
        "reference": "Referencia: {code}.",
        "phone": "Teléfono de quien llamó: {phone}.",
        "cancelled": "Cancelada: la cita del {when}.",
        "message": "Mensaje de {name}: «{text}».",
        "unnamed": "alguien sin nombre",
        "call_back": "Devolver la llamada a {name} al {phone}.",
        "answer_message": "Atender el mensaje de {name}.",
        "transferred": "Llamada pasada a {target}.",
        "told": "Respondido con: {keys}.",
        "opted_out": "No quiere recibir llamadas; el número está en la lista de no llamar.",
        "spam": "Llamada comercial, terminada con cortesía.",
        "wrong_number": "Se había equivocado de número.",
        "silence": "Nadie habló.",
        "unserved_question": "Preguntó algo que no está en la base de conocimiento: «{text}».",
        "unserved": "No se pudo atender lo que quería; no dejó mensaje.",
        "add_knowledge": "Añadir la respuesta a la base de conocimiento.",
        "old_booking": "Quitar la cita anterior {code}: la agenda no lo permitió.",
        "recording": "No quiso ser grabado; la grabación se borró.",
    },
}
_FIXED = {"opted_out": "opted_out", "rejected": "spam", "wrong_number": "wrong_number", "silence": "silence"}


def inbound_outcome(spec: CallSpec, state: DialogueState) -> Outcome:
    """The outcome of an answered inbound call, at any moment."""
    highlights, steps = _report(spec, state)
    return Outcome(
        status=Status.REJECTED if state.end == "rejected" else Status.COMPLETED,
        disposition=_disposition(state),
        task_outcome=_task_outcome(state),
        highlights=highlights,
        next_steps=steps,
        agreed=json_ready(state.agreed) if state.desk.booking_done else None,
        confirmation=state.confirmation if state.desk.booking_done else None,
        message=state.desk.message,
        transferred_to=state.transferred_to,
        do_not_call=state.do_not_call_quote is not None,
        do_not_call_quote=state.do_not_call_quote,
        recording_declined=state.recording_declined,
        citations=tuple(dict.fromkeys(state.citations)),
        evidence=state.evidence,
    )


def _task_outcome(state: DialogueState) -> TaskOutcome | None:
    desk = state.desk
    if desk.booking_done or desk.cancelled:
        return TaskOutcome.ACHIEVED
    if desk.unserved in {"booking", "reschedule", "cancel"}:
        return TaskOutcome.DECLINED
    if desk.task in {"booking", "reschedule", "cancel"}:
        return TaskOutcome.UNCLEAR
    return None


def _disposition(state: DialogueState) -> Disposition:
    if state.end is None:
        return Disposition.ENGINE_FAILED
    return Disposition.COMPLETED if state.end == "not_understood" else Disposition(state.end)


def _report(spec: CallSpec, state: DialogueState) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines, desk = _LINES[spec.language], state.desk
    highlights: list[str] = []
    steps: list[str] = []
    if desk.booking_done:
        what = write_booking(Category.RECEPTIONIST, state.agreed, spec.language)
        highlights.append(lines["booked"].format(what=what))
        highlights.append(lines["reference"].format(code=state.confirmation))
        if "phone" in state.agreed:
            highlights.append(lines["phone"].format(phone=state.agreed["phone"]))
    if desk.cancelled and "old_start" in desk.slots:
        start = dt.datetime.fromisoformat(str(desk.slots["old_start"]))
        when = f"{write_date(start.date(), spec.language)} {write_time(start.time(), spec.language)}"
        highlights.append(lines["cancelled"].format(when=when))
    if desk.message is not None:
        name = desk.message.name or lines["unnamed"]
        highlights.append(lines["message"].format(name=name, text=desk.message.text.strip(" .")))
        phone = desk.message.phone
        steps.append(
            lines["call_back"].format(name=name, phone=phone)
            if phone
            else lines["answer_message"].format(name=name)
        )
    if state.transferred_to is not None:
        highlights.append(lines["transferred"].format(target=state.transferred_to))
    if state.citations:
        highlights.append(lines["told"].format(keys=", ".join(dict.fromkeys(state.citations))))
    if state.end in _FIXED:
        highlights.append(lines[_FIXED[state.end]])
    _unserved(state, lines, highlights, steps)
    if state.recording_declined:
        highlights.append(lines["recording"])
    return tuple(highlights), tuple(steps)


def _unserved(state: DialogueState, lines: Mapping[str, str], highlights: list[str], steps: list[str]) -> None:
    match state.desk.unserved:
        case "question":
            highlights.append(lines["unserved_question"].format(text=state.desk.query))
            steps.append(lines["add_knowledge"])
        case "cancel_old":
            steps.append(lines["old_booking"].format(code=state.desk.slots.get("old")))
        case None:
            pass
        case _ if state.desk.message is None:
            highlights.append(lines["unserved"])
