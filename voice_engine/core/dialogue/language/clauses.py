"""Clause by clause: what is offered, what is not to be had, what is read back, what is booked."""

import re
from collections.abc import Sequence

from voice_engine.core.dialogue.commands import Booked, Command, Confirm, Offer, SlotName, Unavailable, When
from voice_engine.core.dialogue.language.acts import ActGrammar, Scene
from voice_engine.core.dialogue.language.model import Mention
from voice_engine.ports.call import Category

SLOT_OF: tuple[tuple[str, SlotName], ...] = (
    ("D", "date"),
    ("T", "time"),
    ("P", "party_size"),
    ("X", "name"),
    ("F", "phone"),
    ("K", "code"),
    ("N", "nights"),
    ("E", "email"),
)
_MOMENT = re.compile(r"[DT]\d")
_VALUE = re.compile(r"[DTPNF]\d")
_CONTINUES = re.compile(r"(?:or|and|o|y|ni|nor)\b")


def clauses_of(text: str, grammar: ActGrammar) -> list[str]:
    """The clauses of an utterance; what the cut tore apart is joined again."""
    clauses: list[str] = []
    for clause in grammar.split.split(text):
        if not clause or not clause.strip():
            continue
        whole = _whole(clauses[-1], clause, text) if clauses else None
        if whole is not None and _belong(clauses[-1], clause, grammar):
            clauses[-1] = whole
        else:
            clauses.append(clause)
    return clauses


def _whole(first: str, second: str, text: str) -> str | None:
    """Both clauses as they stand in the text, when nothing but a space is between them."""
    return next((first + gap + second for gap in ("", " ") if first + gap + second in text), None)


def _belong(first: str, second: str, grammar: ActGrammar) -> bool:
    """Half a question, a date alone, or moments whose verb follows ("a las nueve | le va bien")."""
    if grammar.dangling.search(first):
        return True
    if not _MOMENT.search(first) or _MOMENT.search(second):
        return False
    later = grammar.offer.search(second) or grammar.unavailable.search(second)
    return bool(later) and not (grammar.offer.search(first) or grammar.unavailable.search(first))


class ClauseReader:
    """Reads the clauses of one utterance in order. `used` are the values that an act has taken, by identity."""

    def __init__(self, scene: Scene, grammar: ActGrammar) -> None:
        self.used: set[int] = set()
        self._scene = scene
        self._grammar = grammar
        self._inbound = scene.context.category is Category.RECEPTIONIST
        self._tagged = grammar.tag.search(scene.text) is not None
        self._day = _only_day(scene)

    def read(self, clauses: Sequence[str]) -> list[Command]:
        """Unavailable, Offer, Booked and Confirm, one of each at most."""
        acts: list[Command] = []
        previous = ""
        for clause in clauses:
            kind = self._kind(clause, previous)
            if self._inbound and kind == "unavailable":
                self._take(clause, "[DT]")
            if self._inbound and kind != "hours" and not (kind == "confirm" and self._tagged):
                kind = ""
            if kind:
                acts += self._acts(kind, clause)
                self._take(clause, "[DTPXFKNE]")
            previous = kind
        return _merged(acts)

    def _take(self, clause: str, kinds: str) -> None:
        self.used.update(id(mention) for mention in self._scene.among(clause, kinds))

    def _kind(self, clause: str, previous: str) -> str:
        kind = _classify(clause, self._grammar, tagged=self._tagged)
        if not kind and previous in ("offer", "unavailable") and _CONTINUES.match(clause.strip(" ,.")):
            return previous
        return "" if kind == "confirm" and self._answers_phone(clause) else kind

    def _answers_phone(self, clause: str) -> bool:
        """Whether the clause only gives the number that was asked for: "es el 612…"."""
        wanted = "phone" in (self._scene.context.expecting, self._scene.context.asked)
        return (
            wanted and not self._tagged and "?" not in clause and set(re.findall(r"[A-Z](?=\d)", clause)) == {"F"}
        )

    def _acts(self, kind: str, clause: str) -> list[Command]:
        scene = self._scene
        match kind:
            case "unavailable":
                return [self._unavailable(clause)]
            case "nothing_before":
                return [Unavailable(), Offer(options=_whens(clause, scene, self._day))]
            case "offer":
                options = _whens(clause, scene, self._day)
                return [Offer(options=options)] if options else []
            case "booked":
                code = scene.among(scene.text, "K")
                slots = _slots(clause, scene)
                booked = Booked(code=code[0].value if code else None)
                return [booked, Confirm(slots=slots)] if slots else [booked]
            case "confirm":
                slots = _slots(clause, scene)
                return [Confirm(slots=slots)] if slots or self._tagged else []
            case _:
                return []

    def _unavailable(self, clause: str) -> Unavailable:
        whens = _whens(clause, self._scene, None)
        whole = self._grammar.whole_day.search(clause) is not None and not any(when.time for when in whens)
        if whole:
            self._day = None
        return Unavailable(whole_day=whole, times=whens)


def _classify(clause: str, grammar: ActGrammar, *, tagged: bool) -> str:
    moments = _MOMENT.search(clause) is not None
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
    if _VALUE.search(clause) and (tagged or grammar.confirm.search(clause) or _echo(clause, grammar)):
        return "confirm"
    return ""


def _echo(clause: str, grammar: ActGrammar) -> bool:
    """Nothing but values and small words, as a question: "Saturday at eight?"."""
    if "?" not in clause:
        return False
    words = re.findall(r"[a-z]+", clause)
    return len(words) <= 4 * len(re.findall(r"[DTPNFXK]\d", clause)) and grammar.echo.issuperset(words)


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
    for letter, slot in SLOT_OF:
        found = scene.among(clause, letter)
        if found and letter != "K":
            # "eight on Friday for two": what follows the number without a noun is the party.
            slots[slot] = found[-1 if letter == "P" else 0].value
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
