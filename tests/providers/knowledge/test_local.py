"""Search over a business's written facts."""

import pytest

from voice_engine.core.retrieval.terms import stems
from voice_engine.ports.call import KnowledgeEntry
from voice_engine.providers.knowledge.local import LocalKnowledge

ENTRIES = (
    KnowledgeEntry(key="parking", text="There is free parking behind the building."),
    KnowledgeEntry(key="pets", text="Small dogs are welcome on the terrace."),
    KnowledgeEntry(key="price-haircut", text="A haircut costs forty dollars."),
    KnowledgeEntry(key="price-color", text="Coloring costs eighty dollars."),
    KnowledgeEntry(key="cards", text="We accept all credit cards."),
)
ENTRADAS = (
    KnowledgeEntry(key="aparcamiento", text="Hay aparcamiento gratuito detrás del edificio."),
    KnowledgeEntry(key="mascotas", text="Se admiten perros pequeños en la terraza."),
    KnowledgeEntry(key="precios", text="El corte cuesta veinte euros."),
    KnowledgeEntry(key="tarjetas", text="Aceptamos todas las tarjetas."),
)


async def best(query: str, entries: tuple[KnowledgeEntry, ...] = ENTRIES) -> str | None:
    found = await LocalKnowledge(entries).search(query)
    return found[0].key if found else None


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("is there parking near you", "parking"),
        ("where can I park my car", "parking"),
        ("can I bring my dog", "pets"),
        ("how much is a haircut", "price-haircut"),
        ("what do you charge for coloring", "price-color"),
        ("do you take credit cards", "cards"),
    ],
)
async def test_english_questions_find_their_entry(query: str, key: str) -> None:
    assert await best(query) == key


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("¿dónde puedo aparcar?", "aparcamiento"),
        ("¿puedo llevar a mi perro?", "mascotas"),
        ("¿cuánto cuesta un corte?", "precios"),
        ("¿se puede pagar con tarjeta?", "tarjetas"),
    ],
)
async def test_spanish_questions_find_their_entry(query: str, key: str) -> None:
    assert await best(query, ENTRADAS) == key


@pytest.mark.parametrize("query", ["do you sell gift vouchers", "is the doctor in today", "", "the of and"])
async def test_what_is_not_written_is_not_answered(query: str) -> None:
    assert await best(query) is None


async def test_scores_lie_between_zero_and_one_and_the_limit_holds() -> None:
    found = await LocalKnowledge(ENTRIES).search("how much does it cost", limit=1)

    assert len(found) == 1
    assert 0 < found[0].score <= 1


async def test_an_empty_knowledge_base_finds_nothing() -> None:
    assert await LocalKnowledge(()).search("parking") == []


def test_stems_ignore_case_accents_and_endings() -> None:
    assert stems("Colorings") == stems("coloring")
    assert stems("peluquería") == stems("Peluquerias")
