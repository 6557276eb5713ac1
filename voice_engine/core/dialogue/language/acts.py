"""What an utterance does: the act grammar's shape, and how its parts become commands in order of weight.

Acts are found in "act text": canonical text in which every value is a placeholder: `T0` a time, `D0` a date,
`P0` a party, `F0` a phone, `K0` a code, `N0` nights, `X0` a name, so that a pattern sees "we are full at T0".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.commands import (
    AskTransfer,
    Command,
    Fact,
    LeaveMessage,
    OptOut,
    Refuse,
    SlotName,
)
from voice_engine.core.dialogue.language.model import Context, Mention
from voice_engine.core.dialogue.language.text import Canonical, fold
from voice_engine.ports.call import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One utterance with its values found. `text` is the act text; `offsets` lead from it to canonical text."""

    source: str
    text: str
    values: Mapping[str, Mention]
    context: Context
    canon: Canonical
    offsets: Sequence[int]

    def words(self, start: int, end: int) -> str:
        """The source words of a span of the act text."""
        return self.canon.original(self.offsets[start], self.offsets[end]).strip(" ,.;!?")

    def among(self, text: str, kind: str) -> list[Mention]:
        """The values of a kind (a placeholder's letter) in a part of the act text, in order."""
        return [self.values[key] for key in re.findall(kind + r"\d+", text) if key in self.values]


Build = Callable[["re.Match[str]", Scene], Command | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A pattern over act text, the command it makes, and what must not be there."""

    pattern: re.Pattern[str]
    build: Build
    unless: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActGrammar:
    """The acts of one language.

    Attributes:
        split: Where one clause ends and the next begins (zero-width or the separator).
        dangling: The end of a clause that the next one completes ("what time | would you like").
        machine: Rules for recordings: voicemail, screening. The first that matches is all that is said.
        rules: Acts that stand on their own, any number of them.
        ask: (pattern, slot) of questions for a slot; `asking`: what makes a noun phrase a question.
        unknown: (pattern, topic) of questions that slots cannot answer. `facts`: (pattern, fact).
        unavailable, whole_day, offer, nothing_before, hours, confirm, tag, booked, not_booked: acts of a clause.
        yes, no, not_no, greeting, thanks, goodbye: small acts.
        echo: Words of a read-back that is a bare question.
    """

    split: re.Pattern[str]
    dangling: re.Pattern[str]
    machine: Sequence[Rule]
    rules: Sequence[Rule]
    inbound: Sequence[Rule]
    ask: Sequence[tuple[re.Pattern[str], SlotName]]
    asking: re.Pattern[str]
    unknown: Sequence[tuple[re.Pattern[str], str]]
    facts: Sequence[tuple[re.Pattern[str], Fact]]
    question: re.Pattern[str]
    unavailable: re.Pattern[str]
    whole_day: re.Pattern[str]
    nothing_before: re.Pattern[str]
    offer: re.Pattern[str]
    hours: re.Pattern[str]
    confirm: re.Pattern[str]
    tag: re.Pattern[str]
    booked: re.Pattern[str]
    not_booked: re.Pattern[str]
    denied: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    greeting: re.Pattern[str]
    thanks: re.Pattern[str]
    goodbye: re.Pattern[str]
    echo: frozenset[str]


def rule(pattern: str, build: Build, unless: str | None = None) -> Rule:
    """Compile one rule."""
    return Rule(pattern=re.compile(pattern), build=build, unless=re.compile(unless) if unless else None)


def fixed(command: Command) -> Build:
    """A builder that always makes `command`."""

    def build(match: re.Match[str], scene: Scene) -> Command | None:
        return command

    return build


def not_inbound(command: Command) -> Build:
    """A builder for what only those that we call can mean."""

    def build(match: re.Match[str], scene: Scene) -> Command | None:
        return None if scene.context.category is Category.RECEPTIONIST else command

    return build


def opt_out(match: re.Match[str], scene: Scene) -> Command:
    """OptOut with the sentence in which it was said."""
    return OptOut(quote=scene.source.strip())


def refuse(reason: str) -> Build:
    """Refuse for `reason`; the callback time, if named, in their words."""

    def build(match: re.Match[str], scene: Scene) -> Command | None:
        when = "when" in match.groupdict() and match["when"] is not None
        return Refuse(reason=reason, callback=scene.words(*match.span("when")) if when else None)

    return build


def call_back(match: re.Match[str], scene: Scene) -> Command | None:
    """Refuse for now: we are to call again. An inbound caller who says so wants something else."""
    if scene.context.category is Category.RECEPTIONIST:
        return None
    return refuse("call_back")(match, scene)


def transfer_to(generic: frozenset[str], leading: re.Pattern[str]) -> Build:
    """AskTransfer, with its target unless that is just "a person"."""

    def build(match: re.Match[str], scene: Scene) -> Command | None:
        target = _group(match, "who", scene)
        if target:
            target = leading.sub("", target).strip()
            if set(fold(target).split()) <= generic | {"a", "the", "or", "please", "o", "una", "un"}:
                target = None
        return AskTransfer(target=target or None)

    return build


def message(match: re.Match[str], scene: Scene) -> Command:
    """LeaveMessage with what is to be passed on, if said."""
    text = _group(match, "text", scene)
    return LeaveMessage(text=text if text and len(text.split()) > 1 else None)


def _group(match: re.Match[str], prefix: str, scene: Scene) -> str | None:
    """The source words of the first group whose name begins with `prefix` and that took part."""
    for name, text in match.groupdict().items():
        if name.startswith(prefix) and text:
            return scene.words(*match.span(name))
    return None
