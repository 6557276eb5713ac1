"""From act text to commands: clauses are classed, values go to the act that they belong to."""

import re
from collections.abc import Iterable

from voice_engine.core.dialogue.commands import (
    Answer,
    AreYouRobot,
    AskFact,
    AskSlot,
    AskTransfer,
    AskUnknown,
    Booked,
    Command,
    Confirm,
    DeclineRecording,
    Goodbye,
    Greeting,
    Hold,
    LeaveMessage,
    No,
    Offer,
    OptOut,
    Provide,
    Refuse,
    Repeat,
    SlotName,
    Spell,
    Thanks,
    Unavailable,
    Unclear,
    When,
    WhoIsCalling,
    WrongNumber,
    Yes,
)
from voice_engine.core.dialogue.language.acts import ActGrammar, Scene
from voice_engine.core.dialogue.language.model import Mention
from voice_engine.ports.call import Category

_SLOT_OF: tuple[tuple[str, SlotName], ...] = (
    ("D", "date"),
    ("T", "time"),
    ("P", "party_size"),
    ("X", "name"),
    ("F", "phone"),
    ("K", "code"),
    ("N", "nights"),
    ("E", "email"),
)


def commands_of(scene: Scene, grammar: ActGrammar) -> tuple[Command, ...]:
    """All commands of an utterance, the weightiest first."""
    for rule in grammar.machine:
        match = rule.pattern.search(scene.text)
        if match and not (rule.unless and rule.unless.search(scene.text)):
            command = rule.build(match, scene)
            if command is not None:
                return (command,)
    commands: list[Command] = list(_standing(scene, grammar))
    if any(isinstance(command, Refuse) and command.callback for command in commands):
        return tuple(commands)
    clauses = [clause for clause in grammar.split.split(scene.text) if clause and clause.strip()]
    used: set[int] = set()
    acts = list(_clause_acts(clauses, scene, grammar, used))
    commands += _merged(acts)
    asked = list(_asked(clauses, scene, grammar, commands))
    commands += asked
    commands += _provided(scene, used, has_booked=any(isinstance(c, Booked) for c in commands))
    commands += _small(scene, grammar, commands)
    if not commands or (scene.context.expecting == "question" and _is_answer(commands)):
        commands.append(_fallback(scene))
    return tuple(commands)


def _standing(scene: Scene, grammar: ActGrammar) -> Iterable[Command]:
    """Acts that need no clause; the same kind only once."""
    inbound = scene.context.category is Category.RECEPTIONIST
    seen: set[type] = set()
    for rule in (*grammar.rules, *(grammar.inbound if inbound else ())):
        match = rule.pattern.search(scene.text)
        if match is None or (rule.unless and rule.unless.search(scene.text)):
            continue
        command = rule.build(match, scene)
        if command is not None and type(command) not in seen:
            seen.add(type(command))
            yield command


def _clause_acts(clauses: list[str], scene: Scene, grammar: ActGrammar, used: set[int]) -> Iterable[Command]:
    """Unavailable, Offer, Confirm and Booked, clause by clause."""
    inbound = scene.context.category is Category.RECEPTIONIST
    tagged = grammar.tag.search(scene.text) is not None
    previous = ""
    day: Mention | None = _only_day(scene)
    for clause in clauses:
        kind = _classify(clause, grammar, tagged=tagged)
        stripped = clause.strip(" ,.")
        if not kind and previous in ("offer", "unavailable") and re.match(r"(?:or|and|o|y|ni|nor)\b", stripped):
            kind = previous
        if inbound and kind in ("offer", "unavailable", "nothing_before", "booked"):
            if kind == "unavailable":
                used.update(id(m) for m in scene.among(clause, "[DT]"))
            kind = ""
        match kind:
            case "unavailable":
                whens = _whens(clause, scene, None)
                whole = grammar.whole_day.search(clause) is not None and not any(w.time for w in whens)
                if whole:
                    day = None
                yield Unavailable(whole_day=whole, times=whens)
            case "nothing_before":
                yield Unavailable()
                yield Offer(options=_whens(clause, scene, day))
            case "offer":
                options = _whens(clause, scene, day)
                if options:
                    yield Offer(options=options)
            case "booked":
                code = scene.among(scene.text, "K")
                yield Booked(code=code[0].value if code else None)
                if slots := _slots(clause, scene):
                    yield Confirm(slots=slots)
            case "confirm":
                if (slots := _slots(clause, scene)) or tagged:
                    yield Confirm(slots=slots)
            case "hours":
                pass
            case _:
                previous = ""
                continue
        used.update(id(m) for m in scene.among(clause, "[DTPXFKNE]"))
        previous = kind


def _classify(clause: str, grammar: ActGrammar, *, tagged: bool) -> str:
    moments = re.search(r"[DT]\d", clause) is not None
    if grammar.booked.search(clause) and not grammar.not_booked.search(clause):
        return "confirm" if tagged or "?" in clause else "booked"
    if moments and grammar.nothing_before.search(clause):
        return "nothing_before"
    if grammar.unavailable.search(clause):
        return "unavailable"
    if grammar.hours.search(clause) and not tagged:
        return "hours"
    if moments and grammar.offer.search(clause) and not grammar.confirm.search(clause):
        return "offer"
    if re.search(r"[DTPNF]\d", clause) and (tagged or grammar.confirm.search(clause) or _echo(clause)):
        return "confirm"
    return ""


def _echo(clause: str) -> bool:
    """Nothing but values and small words, as a question: "Saturday at eight?"."""
    if "?" not in clause:
        return False
    words = re.findall(r"[a-z]+", clause)
    return len(words) <= 4 * len(re.findall(r"[DTPNFXK]\d", clause)) and set(words) <= _ECHO_WORDS


_ECHO_WORDS = frozenset(
    [
        "for",
        "at",
        "on",
        "in",
        "the",
        "of",
        "a",
        "an",
        "so",
        "and",
        "people",
        "person",
        "persons",
        "ok",
        "okay",
        "right",
        "table",
        "party",
        "reservation",
        "under",
        "nights",
        "tonight",
        "sorry",
        "you",
        "said",
        "was",
        "that",
        "this",
        "para",
        "a",
        "las",
        "la",
        "el",
        "de",
        "y",
        "mesa",
        "una",
        "personas",
        "persona",
        "entonces",
        "ok",
        "reserva",
        "noches",
        "son",
        "nombre",
        "seria",
        "hoy",
        "dijo",
        "perdon",
    ]
)


def _only_day(scene: Scene) -> Mention | None:
    days = scene.among(scene.text, "D")
    return days[0] if len({day.value for day in days}) == 1 else None


def _whens(clause: str, scene: Scene, day: Mention | None) -> tuple[When, ...]:
    """The moments of a clause: each time with the date before it, else the one after it, else `day`."""
    keys = re.findall(r"[DT]\d+", clause)
    values = [(key[0], scene.values[key]) for key in keys if key in scene.values]
    dates = [m for letter, m in values if letter == "D"]
    times = [m for letter, m in values if letter == "T"]
    if not times:
        return tuple(When(date=m.value, ambiguous=m.ambiguous) for m in dates)
    whens: list[When] = []
    current: Mention | None = None
    covered = {m.value for m in times if m.until is not None}
    skip = {m.until for m in times if m.until is not None} - covered
    for letter, mention in values:
        if letter == "D":
            current = mention
            continue
        if mention.value in skip and whens and whens[-1].until == mention.value:
            continue
        date = current or (dates[0] if dates else day)
        whens.append(
            When(
                date=date.value if date else None,
                time=mention.value,
                until=mention.until,
                approximate=mention.approximate,
                ambiguous=mention.ambiguous or bool(date and date.ambiguous),
            )
        )
    return tuple(whens)


def _slots(clause: str, scene: Scene) -> dict[str, object]:
    slots: dict[str, object] = {}
    for letter, slot in _SLOT_OF:
        found = scene.among(clause, letter)
        if found and letter != "K":
            slots[slot] = found[0].value
    return slots


def _merged(acts: list[Command]) -> list[Command]:
    """One command of a kind: offers and read-backs of several clauses are joined."""
    unavailable = [a for a in acts if isinstance(a, Unavailable)]
    offers = [a for a in acts if isinstance(a, Offer)]
    booked = [a for a in acts if isinstance(a, Booked)]
    confirms = [a for a in acts if isinstance(a, Confirm)]
    out: list[Command] = []
    if unavailable:
        times = tuple(when for a in unavailable for when in a.times)
        out.append(Unavailable(whole_day=any(a.whole_day for a in unavailable), times=times))
    if offers:
        out.append(Offer(options=tuple(dict.fromkeys(option for a in offers for option in a.options))))
    if booked:
        out.append(next((b for b in booked if b.code), booked[0]))
    if confirms:
        slots: dict[str, object] = {}
        for confirm in confirms:
            slots.update(confirm.slots)
        out.append(Confirm(slots=slots))
    return out


def _asked(clauses: list[str], scene: Scene, grammar: ActGrammar, commands: list[Command]) -> Iterable[Command]:
    """Questions for slots, for what we cannot know, and for facts."""
    seen: set[str] = set()
    if any(isinstance(c, Spell | Repeat | WhoIsCalling) for c in commands):
        seen.add("name")
    for clause in clauses:
        short = len(clause.split()) <= 5
        if not (short or "?" in clause or grammar.asking.search(clause)):
            continue
        unknown = next((topic for pattern, topic in grammar.unknown if pattern.search(clause)), None)
        if unknown is not None and unknown not in seen:
            seen.add(unknown)
            yield AskUnknown(topic=unknown)
            continue
        for pattern, slot in grammar.ask:
            if slot not in seen and pattern.search(clause) and not _answers(clause, slot):
                seen.add(slot)
                yield AskSlot(slot=slot)
    if scene.context.category is Category.RECEPTIONIST and not seen:
        yield from _facts(clauses, scene, grammar)


def _answers(clause: str, slot: str) -> bool:
    """Whether the clause holds the value that it seems to ask for."""
    letter = next((letter for letter, name in _SLOT_OF if name == slot), None)
    return letter is not None and re.search(letter + r"\d", clause) is not None


def _facts(clauses: list[str], scene: Scene, grammar: ActGrammar) -> Iterable[Command]:
    for clause in clauses:
        for pattern, fact in grammar.facts:
            if pattern.search(clause):
                yield AskFact(fact=fact, query=scene.source.strip())
                return


def _provided(scene: Scene, used: set[int], *, has_booked: bool) -> list[Command]:
    out: list[Command] = []
    inbound = scene.context.category is Category.RECEPTIONIST
    # A name that one we call gives unasked is their own.
    wants_name = inbound or scene.context.expecting == "name" or scene.context.asked == "name"
    for letter, slot in _SLOT_OF:
        for mention in scene.among(scene.text, letter):
            if id(mention) in used or (slot == "name" and not wants_name):
                continue
            if slot == "code" and has_booked:
                continue
            if slot == "code" and scene.context.expecting != "code" and not inbound:
                out.append(Booked(code=mention.value))
            else:
                out.append(Provide(slot=slot, value=mention.value))
    return out


def _small(scene: Scene, grammar: ActGrammar, commands: list[Command]) -> list[Command]:
    """Yes, no, and courtesies, where weightier acts leave room for them."""
    out: list[Command] = []
    kinds: set[type] = {type(command) for command in commands}
    if grammar.yes.search(scene.text) and not kinds & _SILENCES:
        out.append(Yes())
    elif grammar.no.search(scene.text) and not kinds & _SILENCES:
        out.append(No())
    if grammar.goodbye.search(scene.text):
        out.append(Goodbye())
    elif grammar.thanks.search(scene.text) and not kinds and not out:
        out.append(Thanks())
    if grammar.greeting.search(scene.text) and not kinds - {AskTransfer, LeaveMessage} and not out:
        out.append(Greeting())
    return out


# Acts that say more than the yes or no beside them.
_SILENCES: frozenset[type] = frozenset(
    {Unavailable, Refuse, OptOut, Hold, Repeat, DeclineRecording, WrongNumber, AreYouRobot, AskTransfer, Spell}
)


def _is_answer(commands: list[Command]) -> bool:
    return all(isinstance(c, Yes | No | Provide | Offer | Unavailable | AskFact) for c in commands)


def _fallback(scene: Scene) -> Command:
    text = scene.source.strip()
    context = scene.context
    if context.asked in ("room", "service", "doctor", "seating", "price", "insurance") and text:
        return Provide(slot=context.asked, value=text)  # type: ignore[arg-type]  # one of the literals just named
    return Answer(text=text) if context.expecting == "question" and text else Unclear(text=text)
