"""Self-corrections: "eight, no, eight thirty", "nine, not eight". The corrected value goes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.language.model import Mention

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairGrammar:
    """`between`: the whole gap between a value and its correction. `negated`: ends just before a value denied."""

    between: re.Pattern[str]
    negated: re.Pattern[str]
    denied_pair: re.Pattern[str]


def drop_corrected(
    mentions: Sequence[Mention], work: str, grammar: RepairGrammar
) -> tuple[list[Mention], list[tuple[int, int]]]:
    """`mentions`, of one kind and in spoken order, without those that were corrected, and the spans taken back."""
    gone: list[tuple[int, int]] = []
    kept: list[Mention] = []
    for mention in mentions:
        if kept and grammar.between.fullmatch(work[kept[-1].end : mention.start]):
            gone.append((kept.pop().start, mention.start))
        kept.append(mention)
    if len(kept) > 1:
        kept = [m for m in kept if not _denied(m, kept, work, grammar)]
    return kept, gone


def _denied(mention: Mention, mentions: Sequence[Mention], work: str, grammar: RepairGrammar) -> bool:
    """ "not eight" beside another value of the kind."""
    if not grammar.negated.search(work[: mention.start]):
        return False
    index = next(i for i, other in enumerate(mentions) if other is mention)
    neighbours = []
    if index > 0:
        neighbours.append(work[mentions[index - 1].end : mention.start])
    if index + 1 < len(mentions):
        neighbours.append(work[mention.end : mentions[index + 1].start])
    return any(grammar.denied_pair.fullmatch(gap) for gap in neighbours)
