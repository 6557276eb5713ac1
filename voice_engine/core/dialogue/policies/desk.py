"""What the receptionist's parts share: the assistant, tool calls, the open question put again, names of people."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from voice_engine.core.dialogue.actions import UseTool
from voice_engine.core.dialogue.commands import Answer, Confirm, Greeting, Provide, Unclear
from voice_engine.core.dialogue.language import Context, normalise, understand
from voice_engine.core.dialogue.region import region_of
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn
from voice_engine.ports.call import Assistant, Language

_ANY_PERSON = re.compile(
    r"front desk|reception|human|person|someone|staff|manager|operator|recepci|persona|encargad|humano|alguien",
    re.I,
)
_NAME_LEAD = re.compile(
    r"^(?:(?:yes|yeah|sure|um|uh|hi|hello|s[ií]|claro|hola)[, ]+)*"
    r"(?:(?:it's|it is|this is|my name is|my name's|the name is|i'm|i am|me llamo|soy|mi nombre es|es"
    r"|a nombre de)\s+)?",
    re.IGNORECASE,
)
_WISH_TO_SPEAK = re.compile(
    r"speak|talk|connect|transfer|through|reach|get hold of|is .{1,30} (?:there|in|available)"
    r"|hablar|pasar?|pon(?:er|ga)|comuni|est[aá]",
    re.IGNORECASE,
)
_NO_NAME = frozenset({
    "a", "the", "one", "it", "that", "this", "what", "how", "why", "when", "where", "who", "can", "could", "do",
    "does", "is", "are", "i", "you", "we", "my", "your", "for", "to", "at", "on", "yes", "no", "not", "okay",
    "please", "sorry", "un", "una", "qué", "que", "cómo", "como", "cuándo", "dónde", "quién", "para", "sí",
    "vale", "perdón", "quiero", "mi", "su", "es", "esa", "ese", "eso",
})  # fmt: skip
"""Words that no name has: what holds one is asked again; the second time it is taken as it was recognised."""
_MAX_NAME_WORDS = 4
_PHONE_WORD = re.compile(r"\b(?:phone|number|reach me|cell|mobile|tel[eé]fono|n[uú]mero|m[oó]vil|celular)\b", re.I)
_SOME_DIGITS = 5
"""So many digits beside a word for it are a number of which something was lost."""
_FULL_NUMBER: Mapping[Language, int] = {"en": 10, "es": 9}
"""Digits of a national number: North American Numbering Plan; the Spanish numbering plan (nine)."""
_LONGEST_NUMBER = 15  # ITU-T E.164
_WORDS_BESIDE_DIGITS = 3
"""With more words than this the digits are no group of a number that was asked for."""
_WORD_LENGTH = 3


def assistant_of(turn: Turn) -> Assistant:
    """Who is answered for: every inbound call has one."""
    assert turn.spec.assistant is not None, "a receptionist needs an assistant"
    return turn.spec.assistant


def use_tool(turn: Turn, purpose: str, tool: str, *, filler: bool = True, **args: Any) -> None:
    """Ask a tool; its result comes back as a ToolResult of `purpose`."""
    number = turn.state.desk.tools + 1
    call_id = f"t{number}"
    turn.change_desk(tools=number, pending={**turn.state.desk.pending, call_id: purpose})
    text = turn.phrase("filler") if filler else None
    turn.actions.append(
        UseTool(id=call_id, tool=tool, args={key: val for key, val in args.items() if val is not None}, filler=text)
    )


def anything_else(turn: Turn) -> None:
    """The wish was met: is there another?"""
    turn.change_desk(served=True, task=None)
    turn.say("anything_else")
    turn.ask(Asked.ELSE)


def offer_message(turn: Turn, act: str, **slots: Any) -> None:
    """What is not known is never guessed: offer to take a message."""
    turn.say(act, **slots)
    turn.ask(Asked.MESSAGE_OFFER)


_QUESTIONS = {
    Asked.INTENT: "how_can_i_help",
    Asked.ELSE: "anything_else",
    Asked.SERVICE: "ask_service",
    Asked.DATE: "ask_when",
    Asked.NAME: "ask_name",
    Asked.MESSAGE: "ask_message",
    Asked.MESSAGE_OFFER: "offer_message",
    Asked.CORRECTION: "what_to_correct",
}


def reprompt(turn: Turn) -> None:
    """Put the open question again; a longer one is said as it was."""
    asked = turn.state.asked
    if asked is None:
        turn.say("how_can_i_help")
        turn.ask(Asked.INTENT)
    elif asked is Asked.SERVICE:
        turn.say("ask_service", services=assistant_of(turn).business.services)
    elif asked is Asked.PHONE:
        ask_phone(turn)
    elif asked in _QUESTIONS:
        turn.say(_QUESTIONS[asked])
    else:
        for act, text in turn.state.last_said[-1:]:
            turn.say_text(act, text)


def said(turn: Turn, slot: str) -> list[Any]:
    """Every value of a slot in the utterance, whether stated or read back."""
    values = [item.value for item in turn.all(Provide) if item.slot == slot]
    return values + [item.slots[slot] for item in turn.all(Confirm) if slot in item.slots]


def said_name(turn: Turn) -> str | None:
    """The name they gave: found by the grammar, else what they answered when asked for it."""
    names = [str(value) for value in said(turn, "name")]
    if names:
        return names[-1]
    if turn.state.asked is not Asked.NAME or not turn.has(Answer, Unclear, Greeting):
        return None
    bare = _NAME_LEAD.sub("", turn.text.strip()).strip(" .,!?")
    words = bare.split()
    if not words or len(words) > _MAX_NAME_WORDS or any(char.isdigit() for char in bare):
        return None
    if turn.state.misunderstood == 0 and _NO_NAME & {word.casefold() for word in words}:
        return None
    return " ".join(word[:1].upper() + word[1:] for word in words)


def said_phone(turn: Turn) -> str | None:
    """The phone number they gave, at once or in groups over several utterances, or None."""
    phones = [str(value) for value in said(turn, "phone")]
    if phones and not phones[-1].startswith("+") and not turn.state.desk.phone_doubted:
        turn.change_desk(phone_doubted=True)
        return None  # No number of this country: it is asked for again, and then taken as it is.
    if phones:
        turn.change_desk(phone_part="")
        return phones[-1]
    return _joined_phone(turn) if turn.state.asked is Asked.PHONE else None


def _joined_phone(turn: Turn) -> str | None:
    """The groups of digits given so far, once they make a number; None while they do not."""
    group = _digits(turn)
    if not group or len(re.findall(r"[^\W\d_]{3,}", _spoken_rest(turn))) > _WORDS_BESIDE_DIGITS:
        return None
    part = turn.state.desk.phone_part + group
    context = Context(
        language=turn.spec.language,
        now=turn.spec.answered_at,
        category=turn.spec.category,
        region=region_of(turn.spec),
        expecting="phone",
    )
    phones = understand(part, context).slots.phones if len(part) >= _FULL_NUMBER[turn.spec.language] else ()
    turn.change_desk(phone_part="" if phones or len(part) > _LONGEST_NUMBER else part)
    return phones[0] if phones else None


def _digits(turn: Turn) -> str:
    return "".join(char for word in normalise(turn.text, turn.spec.language) for char in word if char.isdigit())


def _spoken_rest(turn: Turn) -> str:
    """What they said beside the digits."""
    return " ".join(word for word in normalise(turn.text, turn.spec.language) if not word.isdigit())


def ask_phone(turn: Turn) -> None:
    """Ask for the number; when one was begun, or came over the line in pieces, in small groups."""
    about_it = turn.state.asked is Asked.PHONE or _PHONE_WORD.search(turn.text) is not None
    half_heard = about_it and len(_digits(turn)) >= _SOME_DIGITS
    if turn.state.desk.phone_part and turn.state.asked is Asked.PHONE:
        turn.say("phone_go_on")
    else:
        turn.say("ask_phone_groups" if half_heard else "ask_phone")
    turn.ask(Asked.PHONE)


def asks_for_target(targets: Iterable[str], text: str) -> bool:
    """Whether they ask for one of the configured targets by name, in words that the grammar has no act for."""
    return bool(_WISH_TO_SPEAK.search(text)) and any(
        _close(part, word) for name in targets for part in _words(name) for word in _words(text)
    )


def find_target(targets: Iterable[str], wished: str | None, text: str) -> str | None:
    """The configured target that they mean: by its name, else the only one, else the front desk."""
    names = list(targets)
    said = _words(f"{wished or ''} {text}")
    for name in names:
        if any(_close(part, word) for part in _words(name) for word in said):
            return name
    if wished is not None and not _ANY_PERSON.search(wished):
        return None
    if len(names) == 1:
        return names[0]
    return next((name for name in names if _ANY_PERSON.search(name)), names[0] if names else None)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFD", text.lower())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return [word for word in re.findall(r"[a-z]+", plain) if len(word) >= _WORD_LENGTH]


def _close(name: str, word: str) -> bool:
    """Equal, or one letter apart in words long enough that this is no accident."""
    if name == word:
        return True
    if min(len(name), len(word)) < 5 or abs(len(name) - len(word)) > 1:
        return False
    shared = sum(1 for mine, theirs in zip(name, word, strict=False) if mine == theirs)
    return shared >= max(len(name), len(word)) - 1
