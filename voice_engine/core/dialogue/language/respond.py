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
    Fact,
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
    Spell,
    Thanks,
    Unavailable,
    Unclear,
    WhoIsCalling,
    WrongNumber,
    Yes,
)
from voice_engine.core.dialogue.language.acts import ActGrammar, Scene
from voice_engine.core.dialogue.language.clauses import SLOT_OF, ClauseReader, clauses_of
from voice_engine.ports.call import Category


def commands_of(scene: Scene, grammar: ActGrammar) -> tuple[Command, ...]:
    """All commands of an utterance, the weightiest first."""
    for rule in grammar.machine:
        match = rule.pattern.search(scene.text)
        if match and not (rule.unless and rule.unless.search(scene.text)):
            command = rule.build(match, scene)
            if command is not None:
                return (command,)
    commands: list[Command] = list(_standing(scene, grammar))
    if any(isinstance(command, Refuse) and command.callback for command in commands) or _CONCLUSIVE & set(
        map(type, commands)
    ):
        return tuple(commands)
    clauses = clauses_of(scene.text, grammar)
    reader = ClauseReader(scene, grammar)
    holding = any(isinstance(command, Hold) for command in commands)
    commands += [act for act in reader.read(clauses) if not (holding and _is_vague(act))]
    asked = list(_asked(clauses, scene, grammar, commands))
    commands += asked
    commands += _provided(scene, reader.used, {type(command) for command in commands})
    commands += _small(scene, grammar, commands)
    if not commands or (scene.context.expecting == "question" and _is_answer(commands)):
        commands.append(_fallback(scene))
    return tuple(commands)


# Nothing else in the utterance matters beside these.
_CONCLUSIVE: frozenset[type] = frozenset({OptOut, WrongNumber, AreYouRobot, DeclineRecording})


def _is_vague(act: Command) -> bool:
    return isinstance(act, Unavailable) and not act.times and not act.whole_day


def _standing(scene: Scene, grammar: ActGrammar) -> Iterable[Command]:
    """Acts that need no clause; the same kind only once."""
    inbound = scene.context.category is Category.RECEPTIONIST
    seen: set[type] = set()
    for rule in (*grammar.rules, *(grammar.inbound if inbound else ())):
        match = rule.pattern.search(scene.text)
        if match is None or (rule.unless and rule.unless.search(scene.text)):
            continue
        command = rule.build(match, scene)
        if isinstance(command, Hold) and _went_on(scene.text[match.end() :], scene, grammar):
            continue
        if command is not None and type(command) not in seen:
            seen.add(type(command))
            yield command


_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?P<rest>.*)$", re.DOTALL)
_STILL_LOOKING = re.compile(
    r"\b(?:if|whether|check|see|look|hold|moment|second|minute|back|thanks?|thank you|si|ver|mirar|momento|segundo"
    r"|gracias|cuelgue|enseguida|ahora)\b"
)


def _went_on(rest: str, scene: Scene, grammar: ActGrammar) -> bool:
    """Whether "let me see" was followed by what they saw: by an answer, not by more of the wait."""
    sentence = _NEXT_SENTENCE.search(rest)
    if sentence is None or _STILL_LOOKING.search(sentence["rest"]):
        return False
    said = sentence["rest"]
    if scene.context.expecting == "question":
        return len(re.findall(r"\w+", said)) > 2  # "be right there" is no answer
    moment = re.search(r"[DT]\d", said) is not None
    return grammar.booked.search(said) is not None or (
        moment and (grammar.offer.search(said) is not None or grammar.unavailable.search(said) is not None)
    )


def _asked(clauses: list[str], scene: Scene, grammar: ActGrammar, commands: list[Command]) -> Iterable[Command]:
    """Questions for slots, for what we cannot know, and for facts."""
    inbound = scene.context.category is Category.RECEPTIONIST
    seen: set[str] = set()
    if any(isinstance(c, Spell | Repeat) for c in commands):
        seen.add("name")
    if any(isinstance(c, WhoIsCalling) for c in commands):
        seen |= {"name", "doctor", "service"}
    for clause in (clause.strip() for clause in clauses):
        short = len(clause.split()) <= 5
        if inbound or not (short or "?" in clause or grammar.asking.search(clause)):
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
    if inbound:
        weighty = any(not isinstance(c, Confirm) for c in commands)
        yield from (
            fact for fact in _facts(clauses, scene, grammar) if not weighty or fact.fact not in _GENERAL_FACTS
        )


def _answers(clause: str, slot: str) -> bool:
    """Whether the clause holds the value that it seems to ask for."""
    letter = next((letter for letter, name in SLOT_OF if name == slot), None)
    return letter is not None and re.search(letter + r"\d", clause) is not None


# Facts that a question is taken for when it is nothing more precise.
_GENERAL_FACTS = frozenset({"other", "services"})


def _facts(clauses: list[str], scene: Scene, grammar: ActGrammar) -> Iterable[AskFact]:
    """Each fact once, in the words of its clause; a general one only where there is none more precise."""
    found: dict[Fact, str] = {}
    for clause in clauses:
        fact = next((fact for pattern, fact in grammar.facts if pattern.search(clause)), None)
        if fact is not None:
            found.setdefault(fact, clause)
    precise = {fact: clause for fact, clause in found.items() if fact not in _GENERAL_FACTS}
    chosen = precise or dict(list(found.items())[:1])
    for fact, clause in chosen.items():
        start = scene.text.find(clause)
        apart = len(chosen) > 1 and start >= 0
        yield AskFact(fact=fact, query=scene.words(start, start + len(clause)) if apart else scene.source.strip())


def _provided(scene: Scene, used: set[int], kinds: set[type]) -> list[Command]:
    out: list[Command] = []
    inbound = scene.context.category is Category.RECEPTIONIST
    # A name that one we call gives unasked is their own.
    wants_name = (inbound and AskTransfer not in kinds) or "name" in (scene.context.expecting, scene.context.asked)
    for letter, slot in SLOT_OF:
        for mention in scene.among(scene.text, letter):
            if id(mention) in used or (slot == "name" and not wants_name):
                continue
            if slot == "code" and Booked in kinds:
                continue
            if slot == "code" and scene.context.expecting != "code" and not inbound:
                out.append(Booked(code=mention.value))
            else:
                out.append(Provide(slot=slot, value=mention.value))
    return out


def _small(scene: Scene, grammar: ActGrammar, commands: list[Command]) -> list[Command]:
    """Yes, no, and courtesies, where weightier acts leave room for them."""
    out: list[Command] = []
    kinds: set[type] = set(map(type, commands))
    if grammar.yes.search(scene.text) and not kinds & _SILENCES:
        out.append(Yes())
    elif grammar.no.search(scene.text) and not kinds & _SILENCES:
        out.append(No())
    if grammar.goodbye.search(scene.text):
        out.append(Goodbye())
    elif grammar.thanks.search(scene.text) and not kinds and not out:
        out.append(Thanks())
    if (
        grammar.greeting.search(scene.text)
        and not out
        and all(isinstance(c, AskTransfer | LeaveMessage) for c in commands)
    ):
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
