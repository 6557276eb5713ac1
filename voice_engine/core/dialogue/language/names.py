"""Names of people: after a cue, as the answer to a question, or spelled out."""

import re
from dataclasses import dataclass

from voice_engine.core.dialogue.language.digits import CodeGrammar, read_spelled
from voice_engine.core.dialogue.language.model import Context, Mention
from voice_engine.core.dialogue.language.text import Canonical
from voice_engine.ports.call import Category

_WORD = re.compile(r"[a-z]+")
_MAX_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NameGrammar:
    """Attributes:
    cue: Certain cues ("my name is"). `soft_cue`: cues that other words may follow as well ("this is").
    not_names: Words that no name begins with or contains. `particles`: "de", "van": part of a name only inside it.
    answer_lead: What may come before a name that answers a question.
    soft_end: What follows a name after a soft cue.
    """

    cue: re.Pattern[str]
    soft_cue: re.Pattern[str]
    not_names: frozenset[str]
    particles: frozenset[str]
    answer_lead: re.Pattern[str]
    soft_end: re.Pattern[str]


def find_names(
    canon: Canonical, work: str, grammar: NameGrammar, codes: CodeGrammar, context: Context
) -> list[Mention]:
    """Names in `work`, where other values are already masked. The best of spelled and spoken wins."""
    found: list[Mention] = []
    for match in grammar.cue.finditer(work):
        _add(found, _name_at(canon, work, match.end(), grammar))
    for match in grammar.soft_cue.finditer(work):
        name = _name_at(canon, work, match.end(), grammar)
        if name is not None and (
            grammar.soft_end.match(work[name.end :]) or _stands_alone(match, name, canon, context)
        ):
            _add(found, name)
    if not found and context.expecting == "name":
        lead = grammar.answer_lead.match(work)
        _add(found, _name_at(canon, work, lead.end() if lead else 0, grammar))
    spelled = _spelled(canon, work, codes)
    if spelled is not None:
        found = _merge_spelled(found, spelled)
    return found


def _stands_alone(cue: re.Match[str], name: Mention, canon: Canonical, context: Context) -> bool:
    """Whether what follows a soft cue is written as a name, or is all that an inbound caller says."""
    written = canon.original(name.start, name.end)
    if context.language == "en":
        if not re.match(r"(?:this is|i am|im) ", cue.group()):
            return False
        if cue.group().startswith("i") and re.match(r"\w{2,}ing\b", canon.text[name.start :]):
            return False  # "I'm running late" says what somebody does, not who it is.
    if all(word[:1].isupper() for word in written.split()):
        return True
    ends = re.match(r" ?(?:[,.?!]|$| and )", canon.text[name.end :]) is not None
    return ends and context.category is Category.RECEPTIONIST and len(name.value.split()) > 1


def _add(found: list[Mention], name: Mention | None) -> None:
    if name is not None and all(name.end <= m.start or m.end <= name.start for m in found):
        found.append(name)


def _name_at(canon: Canonical, work: str, position: int, grammar: NameGrammar) -> Mention | None:
    words: list[str] = []
    end = position
    for match in _WORD.finditer(work, position):
        if work[end : match.start()].strip(" ") or len(words) == _MAX_WORDS or match.group() in grammar.not_names:
            break
        if len(match.group()) == 1:
            break
        words.append(match.group())
        end = match.end()
    while words and words[-1] in grammar.particles:
        end -= len(words.pop()) + 1
    if not words:
        return None
    start = work.index(words[0], position)
    return Mention("name", _title(canon.original(start, end), grammar), start, end)


def _title(text: str, grammar: NameGrammar) -> str:
    words = re.sub(r"\s+", " ", text).strip(" ,.").split(" ")
    return " ".join(
        word
        if any(c.isupper() for c in word[1:]) or word.lower() in grammar.particles
        else word[:1].upper() + word[1:]
        for word in words
    )


def _spelled(canon: Canonical, work: str, codes: CodeGrammar) -> Mention | None:
    """Three letters or more, spelled out."""
    for index, start in enumerate(canon.starts):
        token = canon.tokens[index].text
        if (
            work[start : start + 1] in "&#~%"
            or not token.isalpha()
            or (len(token) > 1 and token not in codes.letters)
        ):
            continue
        text, first, last = read_spelled(canon, index, codes)
        if first is not None and last is not None and len(text) >= 3 and text.isalpha() and last - first >= 2:
            return Mention(
                "name", text.title(), canon.starts[first], canon.starts[last] + len(canon.tokens[last].text)
            )
    return None


def _merge_spelled(found: list[Mention], spelled: Mention) -> list[Mention]:
    """The spelling corrects the word before it: "Jon Smith, S M Y T H" is Jon Smyth."""
    before = [m for m in found if m.start < spelled.start]
    if not before:
        return [spelled]
    said = before[-1].value.split()
    sound_alike = [i for i, word in enumerate(said) if word[:1] == spelled.value[:1]]
    if sound_alike:
        said[sound_alike[-1]] = spelled.value
        merged = " ".join(said)
    else:
        merged = f"{before[-1].value} {spelled.value}"
    return [*before[:-1], Mention("name", merged, before[-1].start, before[-1].end)]
