"""What a language has to bring: its words and patterns, one table each."""

import re
from dataclasses import dataclass

from voice_engine.core.dialogue.language.acts import ActGrammar
from voice_engine.core.dialogue.language.clock import TimeGrammar
from voice_engine.core.dialogue.language.days import DateGrammar
from voice_engine.core.dialogue.language.digits import CodeGrammar
from voice_engine.core.dialogue.language.menu import MenuGrammar
from voice_engine.core.dialogue.language.names import NameGrammar
from voice_engine.core.dialogue.language.numbers import NumberWords
from voice_engine.core.dialogue.language.parties import PartyGrammar
from voice_engine.core.dialogue.language.repair import RepairGrammar


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """One language. `email_at` and `email_dot`: how an address is read out."""

    words: NumberWords
    times: TimeGrammar
    dates: DateGrammar
    codes: CodeGrammar
    party: PartyGrammar
    names: NameGrammar
    repair: RepairGrammar
    acts: ActGrammar
    menu: MenuGrammar
    email: re.Pattern[str]
    email_at: frozenset[str]
    email_dot: frozenset[str]
