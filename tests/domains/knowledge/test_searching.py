"""The index finds what is asked for: in its own scope only, in both languages, and nothing that does not fit."""

from pathlib import Path

import pytest

from tests.fakes.business import Business
from tests.fakes.knowledge import Library, add_house, library
from voice_engine.domains.knowledge.searching import search
from voice_engine.store.engine import Store

FAQS = """# Visiting us
Q: Where can I park?
A: There is free parking behind the building, entrance on Elm Street.
Q: Do you take credit cards?
A: We accept all credit cards except American Express.

# Treatments
## Whitening
Whitening takes about ninety minutes and costs 240 dollars. It is not done for children under sixteen.
## Implants
Implants are placed by Doctor Ruiz on Thursdays.
"""
PREGUNTAS = """Aceptamos todas las tarjetas de crédito.
El blanqueamiento dental cuesta 180 euros y dura una hora y media.
Se admiten perros pequeños en la sala de espera.
"""


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Library:
    return library(store, tmp_path / "blobs")


async def _put(shelf: Library, business: Business, key: str, text: str) -> None:
    await shelf.service.put(business.organization_id, key, text=text, file_id=None, file_name=None)


async def _texts(store: Store, business: Business, assistant_id: str, query: str) -> list[str]:
    async with store.read(business.organization_id) as work:
        return [passage.text for passage in await search(work, assistant_id, query, limit=3)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("uh hi I was wondering where I could park my car", "Elm Street"),
        ("do you take credit cards", "American Express"),
        ("how much does whitening cost", "240 dollars"),
        ("who does the implants", "Ruiz"),
    ],
)
async def test_a_spoken_question_finds_its_passage(store: Store, shelf: Library, query: str, words: str) -> None:
    business, assistant_id = await add_house(store)
    await _put(shelf, business, "faqs", FAQS)

    assert words in (await _texts(store, business, assistant_id, query))[0]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("hola quería saber cuánto cuesta un blanqueamiento", "180 euros"),
        ("¿se puede pagar con tarjeta?", "tarjetas"),
        ("¿puedo llevar a mi perro?", "perros"),
    ],
)
async def test_a_spanish_question_finds_its_passage(store: Store, shelf: Library, query: str, words: str) -> None:
    business, assistant_id = await add_house(store)
    await _put(shelf, business, "preguntas", PREGUNTAS)

    assert words in (await _texts(store, business, assistant_id, query))[0]


@pytest.mark.parametrize("query", ["do you sell motorcycle insurance", "", "the of", "' OR \"*("])
async def test_what_is_not_written_is_not_found(store: Store, shelf: Library, query: str) -> None:
    business, assistant_id = await add_house(store)
    await _put(shelf, business, "faqs", FAQS)

    assert await _texts(store, business, assistant_id, query) == []


async def test_a_sections_key_counts_as_its_words(store: Store, shelf: Library) -> None:
    business, assistant_id = await add_house(store)
    await _put(shelf, business, "refund-policy", "You get your money back within thirty days.")
    await _put(shelf, business, "faqs", FAQS)

    assert "thirty days" in (await _texts(store, business, assistant_id, "what is your refund policy"))[0]


async def test_nobody_finds_anothers_knowledge(store: Store, shelf: Library) -> None:
    """Neither through their own assistant nor by the other's id."""
    ours, our_assistant = await add_house(store)
    theirs, their_assistant = await add_house(store)
    await _put(shelf, theirs, "faqs", FAQS)

    assert await _texts(store, ours, our_assistant, "where can I park") == []
    assert await _texts(store, ours, their_assistant, "where can I park") == []
    assert await _texts(store, theirs, their_assistant, "where can I park") != []


async def test_others_words_change_no_score(store: Store, shelf: Library) -> None:
    """Document frequencies are the assistant's own."""
    ours, our_assistant = await add_house(store)
    theirs, _ = await add_house(store)
    await _put(shelf, ours, "faqs", FAQS)
    async with store.read(ours.organization_id) as work:
        before = await search(work, our_assistant, "how much is whitening in dollars", limit=3)
    for number in range(20):
        await _put(shelf, theirs, f"s{number}", "Whitening, whitening, whitening for dollars.")

    async with store.read(ours.organization_id) as work:
        assert await search(work, our_assistant, "how much is whitening in dollars", limit=3) == before


async def test_replaced_and_deleted_text_is_not_found(store: Store, shelf: Library) -> None:
    business, assistant_id = await add_house(store)
    await _put(shelf, business, "parking", "Parking costs nine dollars.")
    await _put(shelf, business, "parking", "Parking is free.")

    assert await _texts(store, business, assistant_id, "what does parking cost") == ["Parking is free."]
    async with store.begin(business.organization_id) as work:
        await shelf.service.delete(work, "parking")
    assert await _texts(store, business, assistant_id, "what does parking cost") == []
