"""Documents are read by what they are; hostile and useless ones are refused and harm only their own process."""

import io

import pytest

from tests.fakes import documents
from voice_engine.errors import InvalidInput
from voice_engine.ports.documents import Document, DocumentKind
from voice_engine.providers.documents.limits import ReadingLimits
from voice_engine.providers.documents.reader import INLINE_CHARS, ProcessReader

PARAGRAPHS = [
    "Welcome to the practice. " * 40,
    "The garden gate opens with the word marigold. " + "It is repainted every spring. " * 30,
    "Our waiting room has a fish tank. " * 60,
]


async def _read(data: bytes, limits: ReadingLimits | None = None) -> Document:
    with documents.on_disk(data) as file:
        return await ProcessReader(limits).read(file)


def _text(document: Document) -> str:
    return "\n".join(piece.text for piece in document.pieces)


@pytest.mark.slow
async def test_a_compressed_pdf_of_two_columns() -> None:
    """A sentence that runs over lines and columns stays one."""
    document = await _read(documents.two_column_pdf(PARAGRAPHS))

    assert document.kind is DocumentKind.PDF
    assert "The garden gate opens with the word marigold." in _text(document)
    assert len(document.pieces) > 3


@pytest.mark.slow
async def test_a_docx_with_a_table() -> None:
    """A row's cells keep their columns' names, or nobody knows what 80 stands for."""
    rows = [["Treatment", "Minutes", "Price"], ["Cleaning", "30", "80 €"], ["Whitening", "90", "240 €"]]
    document = await _read(documents.docx_with_table("Prices", "All prices include tax.", rows))

    assert document.kind is DocumentKind.DOCX
    assert "Treatment: Whitening; Minutes: 90; Price: 240 €" in _text(document)
    assert {piece.heading for piece in document.pieces} == {"Prices"}


@pytest.mark.slow
async def test_a_csv_with_semicolons_and_a_mark() -> None:
    document = await _read(documents.semicolon_csv([["Servicio", "Precio"], ["Limpieza; básica", "45,50"]]))

    assert document.kind is DocumentKind.CSV
    assert _text(document) == "Servicio: Limpieza; básica; Precio: 45,50"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
async def test_a_text_in_any_encoding(encoding: str) -> None:
    text = "El niño paga la mitad en otoño. ¿Dónde está la Calle Peñón? Más allá."
    document = await _read(text.encode(encoding))

    assert document.kind is DocumentKind.TEXT
    assert _text(document) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        documents.EXE,
        documents.plain_zip(),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        bytes(range(256)) * 40,
        b"{\\rtf1 Hi}",
    ],
    ids=["exe", "zip", "png", "noise", "rtf"],
)
async def test_something_else_is_told_from_a_document(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await _read(data)

    assert refusal.value.code == "unsupported_file_type"


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: documents.encrypted_pdf(documents.two_column_pdf(["Secret."])),
        documents.scanned_pdf,
        documents.docx_bomb,
        documents.lying_bomb,
        documents.laughing_docx,
        lambda: b"",
        lambda: b" \n\t \n",
        lambda: documents.two_column_pdf(["Cut off."])[:200],
        lambda: documents.docx_with_table("H", "T", [["a", "b"]])[:-200],
        lambda: b"%PDF-1.7\n" + b"garbage " * 100,
        lambda: b"... --- ...",
    ],
    ids=["encrypted", "scanned", "bomb", "lie", "laughs", "empty", "blank", "cut", "cut docx", "no pdf", "no word"],
)
async def test_what_cannot_be_read_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(InvalidInput) as refusal:
        await _read(make())

    assert refusal.value.code in {"unreadable_file", "unsupported_file_type"}
    assert refusal.value.code == "unreadable_file" or make()[:2] == b"PK"


@pytest.mark.slow
async def test_a_reading_that_takes_too_long_or_too_much_is_ended() -> None:
    """Whatever a parser does, the process ends and we go on."""
    data = ("word " * 2_000_000).encode()
    for limits in (ReadingLimits(wall_s=0.3), ReadingLimits(memory_bytes=60 << 20), ReadingLimits(cpu_s=1)):
        with pytest.raises(InvalidInput) as refusal:
            await _read(data, limits)
        assert refusal.value.code == "unreadable_file"


@pytest.mark.slow
async def test_typed_text_is_divided_alike_however_long_it_is() -> None:
    text = "# Parking\n" + "There is free parking behind the building.\n" * 300
    assert len(text) > INLINE_CHARS

    pieces = await ProcessReader().divide(text)

    assert {piece.heading for piece in pieces} == {"Parking"}
    assert all(len(piece.text) <= 800 + 160 for piece in pieces)


def test_the_fakes_are_what_they_say() -> None:
    """A bomb that is none would prove nothing."""
    assert len(documents.docx_bomb()) < 1 << 20
    assert io.BytesIO(documents.lying_bomb()).getvalue() != documents.docx_bomb()
