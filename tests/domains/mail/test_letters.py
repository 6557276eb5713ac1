"""What letters say."""

import re

import pytest

from voice_engine.domains.mail.letters import LetterKind, write

LINK = "https://voice.example.com/x?token=vel_abc"


@pytest.mark.parametrize("kind", list(LetterKind))
@pytest.mark.parametrize("locale", ["en", "es", "es-MX", "de", ""])
def test_every_letter_names_person_and_link_in_a_language(kind: LetterKind, locale: str) -> None:
    subject, text = write(kind, locale=locale, name="Jane", organization="Acme", link=LINK)

    assert re.findall(r"\S+://\S+", text) == [LINK]
    assert f"\n{LINK}\n" in text, "a line of its own: mail programs cut links that text follows"
    assert ("Hola, Jane" in text) == locale.startswith("es")
    assert "{" not in subject + text


def test_names_bring_no_links_and_no_lines_of_their_own() -> None:
    """Anybody can register with anybody's address, and choose what the letter greets them with."""
    name = "you won\n\nhttps://evil.example/prize www.evil.example {link}"
    subject, text = write(LetterKind.WELCOME, locale="en", name=name, organization=name, link=LINK)

    assert re.findall(r"\S+://\S+", text) == [LINK]
    assert "www." not in subject + text
    assert "\n" not in subject
    assert "{link}" in text, "names are no templates"
    assert len(write(LetterKind.WELCOME, locale="en", name="a", organization="b" * 400, link=LINK)[0]) <= 200
