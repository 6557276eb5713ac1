"""Decides, clause by clause, whether a model's words may be spoken, and what the template must still add.

The act's own rendered sentence is the measure: its facts and its speech acts are licensed, nothing else is
except what the call already knows. Checks are by role and by word list; what they cannot see (a true
statement in the wrong place) costs wording, not state: the conversation has already decided.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from voice_engine.core.dialogue.actions import Say
from voice_engine.core.dialogue.clauses import ABBREVIATIONS, cut_clauses
from voice_engine.core.dialogue.llm.acts import ACTS_OF_TEMPLATE, acts_in, duties_in, forbidden_in, is_foreign
from voice_engine.core.dialogue.llm.licence import Licence, counts, implied, same, slot_facts, slot_texts
from voice_engine.core.dialogue.llm.scan import find_facts
from voice_engine.ports.call import Direction, Language

MAX_CHARS = 260
"""About fifteen seconds of speech: a caller stops listening before that."""
_ROOM = 2.0
"""A paraphrase may be this many times as long as the template, where that is more than MAX_CHARS."""

_OVERLAP = 60
_REQUEST = re.compile(r"\bplease\b|\bpor favor\b", re.IGNORECASE)

_NAME = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_SPELLED = re.compile(r"\b[^\W\d_](?:[\s.,\-]+[^\W\d_]\b){2,}")
_NAMED_AS = re.compile(
    r"\b(?:name (?:is|of)|name's|under(?: the name)?|nombre (?:es|de)|me llamo|a nombre de)\s+([^\W\d_]+)",
    re.IGNORECASE,
)
_COMMON_CAPITALS = frozenset({
    "i", "i'm", "i'd", "i'll", "i've", "i’m", "i’d", "i’ll", "i’ve", "ai", "ok", "okay", "mr", "mrs", "ms", "dr",
    "sr", "sra", "english", "spanish", "ia", "am", "pm", "p", "a",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december",
})  # fmt: skip
_NAME_SLOTS = frozenset({"name", "patient", "doctor"})
_NOT_NAMES = frozenset({"the", "a", "an", "that", "which", "my", "your", "his", "her", "our", "what", "this", "it"})


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One turn to be worded: the policy's `says`, what the human said last and what is known of the call.

    `known` are texts whose facts and names may be used where the act does not state its own; `today` is the
    call's local date; `ends`: the engine hangs up after it; `opens`: it is the greeting, whose first
    sentence discloses the AI.
    """

    says: Sequence[Say]
    language: Language
    direction: Direction
    today: dt.date
    human: str = ""
    known: Sequence[str] = ()
    ends: bool = False
    opens: bool = False

    @cached_property
    def text(self) -> str:
        """The act as the templates word it."""
        return " ".join(say.text for say in self.says)

    @cached_property
    def _licence(self) -> Licence:
        own = find_facts(self.text, self.language)
        for say in self.says:
            own += slot_facts(say.slots, self.language)
        known = [fact for text in (self.human, *self.known) for fact in find_facts(text, self.language)]
        return Licence.of(own, known, self.today)

    @cached_property
    def _acts(self) -> frozenset[str]:
        done = acts_in(self.text).union(*(ACTS_OF_TEMPLATE.get(say.template, ()) for say in self.says))
        return done | {"farewell"} if self.ends else done

    @cached_property
    def _own_names(self) -> frozenset[str]:
        return _words(self.text, *(text for say in self.says for text in slot_texts(say.slots)))

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._own_names | _words(self.human, *self.known)

    def objection(self, clause: str, spoken: str = "") -> str | None:
        """Why `clause` may not be spoken after `spoken` (the turn so far), as a stable word; None: it may."""
        if len(spoken) + len(clause) > max(MAX_CHARS, _ROOM * len(self.text)):
            return "too_long"
        # With the end of what went before: a denial may be cut in two.
        if broken := forbidden_in(f"{spoken[-_OVERLAP:]} {clause}" if spoken else clause, self.direction):
            return broken
        if is_foreign(clause, self.language):
            return "wrong_language"
        if self.opens and not spoken and "ai" not in duties_in(clause):
            return "undisclosed"
        if unlicensed := acts_in(clause) - self._acts:
            return f"act_{min(unlicensed)}"
        for fact in find_facts(clause, self.language):
            if not self._licence.permits(fact):
                return f"fact_{fact.kind.value}"
        return "name" if self._strange_name(clause) else None

    def missing(self, spoken: str) -> list[str]:
        """The template's sentences that are still to be said after the model said `spoken`.

        A sentence is needed when it holds a fact, a name or an act that was not said, or asks and nothing was
        asked ("could I have …?" is asked by "please book …", too). Courtesies are not: nothing is said twice.
        """
        if not spoken.strip():
            return cut_clauses(self.text, "sentence")
        said = implied(find_facts(spoken, self.language), self.today)
        duties, words, asked = duties_in(spoken), _words(spoken), "?" in spoken
        requested = asked or _REQUEST.search(spoken) is not None
        names = self._slot_names()
        needed = []
        for sentence in cut_clauses(self.text, "sentence"):
            facts = find_facts(sentence, self.language)
            told = all(any(same(fact, other) or counts(fact, other) for other in said) for fact in facts)
            named = names & _words(sentence) <= words
            if not (
                told
                and named
                and duties_in(sentence) <= duties
                and ("?" not in sentence or (requested if facts else asked))
            ):
                needed.append(sentence)
        return needed

    def _slot_names(self) -> frozenset[str]:
        return _words(*(text for say in self.says for text in slot_texts(say.slots, _NAME_SLOTS)))

    def _strange_name(self, clause: str) -> bool:
        """Whether a name occurs that neither act nor call knows."""
        named = {match.group(1).lower() for match in _NAMED_AS.finditer(clause)} - _NOT_NAMES
        if named - (self._own_names if self._slot_names() else self._names):
            return True
        for run in _SPELLED.findall(clause):
            if "".join(char for char in run.lower() if char.isalpha()) not in self._names:
                return True
        return any(
            word.lower() not in _COMMON_CAPITALS and not _known(word.lower(), self._names)
            for word in _inner_capitals(clause)
        )


def _inner_capitals(clause: str) -> list[str]:
    """Capitalised words that do not begin a sentence."""
    found = []
    for match in _NAME.finditer(clause):
        before = clause[: match.start()].rstrip(" \"'“¿¡(")
        titled = before.endswith(".") and before[:-1].rsplit(maxsplit=1)[-1].lower() in ABBREVIATIONS
        if before and (titled or before[-1] not in ".!?…:") and match.group()[0].isupper():
            found.append(match.group())
    return found


def _known(word: str, names: frozenset[str]) -> bool:
    """A possessive ("Smith's") is known with its name."""
    return word in names or re.sub(r"['’]s?$", "", word) in names


def _words(*texts: str) -> frozenset[str]:
    return frozenset(match.group().lower() for text in texts for match in _NAME.finditer(text))
