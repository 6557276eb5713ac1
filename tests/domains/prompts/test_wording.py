"""A model's words hold as long as they are true."""

from dataclasses import replace

from tests.domains.prompts.subjects import ACME
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.templates import render
from voice_engine.domains.prompts.wording import Wording, facts_of, read_wording, write

PERSONA, CONTEXT = SectionKey.PERSONA, SectionKey.CONTEXT
WORDS = Wording(
    lines=("You are Savannah of Acme Dental.", "- Savannah is kind, and Savannahs are rare."),
    facts=facts_of(PERSONA, ACME),
)
ABOUT = Wording(lines=("Acme Dental mends teeth: https://acmedental.com",), facts=facts_of(CONTEXT, ACME))


def _body(key: SectionKey, wording: Wording, **changes: str | None) -> str:
    rendering = write(key, replace(ACME, **changes), wording)  # type: ignore[arg-type]  # changes are texts
    assert rendering is not None
    return rendering.body


def test_true_words_are_said() -> None:
    assert _body(PERSONA, WORDS, address="elsewhere") == "\n".join(WORDS.lines)


def test_a_name_that_stands_in_them_is_exchanged_as_a_whole_word() -> None:
    assert _body(PERSONA, WORDS, assistant="Luna") == (
        "You are Luna of Acme Dental.\n- Luna is kind, and Savannahs are rare."
    )


def test_names_may_change_places() -> None:
    assert _body(PERSONA, WORDS, assistant="Acme Dental", business="Savannah").startswith(
        "You are Acme Dental of Savannah."
    )


def test_words_about_something_else_give_way_to_the_templates() -> None:
    other = replace(ACME, description="A bakery.")

    assert write(CONTEXT, other, ABOUT) == render(CONTEXT, other)
    assert _body(CONTEXT, ABOUT) == ABOUT.lines[0]


def test_a_fact_that_is_new_or_gone_gives_way_to_the_templates() -> None:
    siteless = replace(ACME, site=None)
    about = Wording(lines=("Acme Dental mends teeth.",), facts=facts_of(CONTEXT, siteless))

    assert write(CONTEXT, ACME, about) == render(CONTEXT, ACME)
    assert write(CONTEXT, siteless, ABOUT) == render(CONTEXT, siteless)


def test_another_language_needs_other_words() -> None:
    spanish = replace(ACME, language="es")

    assert write(PERSONA, spanish, WORDS) == render(PERSONA, spanish)


def test_words_are_kept_with_their_facts() -> None:
    assert read_wording(WORDS.as_json()) == WORDS
    assert read_wording(None) is None
