"""Real documents, made by the libraries that people make them with, and files that are not what they seem."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Sequence
from typing import BinaryIO

import docx
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(range(256)) * 64
"""A program of Windows begins so."""


def on_disk(data: bytes) -> BinaryIO:
    """An open file of these bytes, gone when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller's to close
    file.write(data)
    file.seek(0)
    return file


def two_column_pdf(paragraphs: Sequence[str]) -> bytes:
    """A page of two columns, its content compressed."""
    packed = io.BytesIO()
    document = BaseDocTemplate(packed, pagesize=A4, pageCompression=1)
    width, height = A4
    columns = [
        Frame(left, 2 * cm, width / 2 - 2.5 * cm, height - 4 * cm, id=f"column{left}")
        for left in (2 * cm, width / 2 + 0.5 * cm)
    ]
    document.addPageTemplates([PageTemplate(id="two", frames=columns)])
    style = getSampleStyleSheet()["BodyText"]
    document.build([Paragraph(paragraph, style) for paragraph in paragraphs])
    return packed.getvalue()


def encrypted_pdf(plain: bytes, password: str = "secret") -> bytes:  # of a test
    """The same behind a password."""
    writer = PdfWriter(PdfReader(io.BytesIO(plain)))
    writer.encrypt(password, algorithm="AES-256")
    packed = io.BytesIO()
    writer.write(packed)
    return packed.getvalue()


def scanned_pdf() -> bytes:
    """A page that is a picture."""
    packed = io.BytesIO()
    canvas = Canvas(packed, pagesize=A4)
    canvas.drawImage(ImageReader(Image.new("L", (400, 300), 128)), 50, 300, 400, 300)
    canvas.save()
    return packed.getvalue()


def docx_with_table(heading: str, text: str, rows: Sequence[Sequence[str]]) -> bytes:
    """A heading, a paragraph, a table whose first row has its columns' names."""
    document = docx.Document()
    document.add_heading(heading, level=1)
    document.add_paragraph(text)
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def semicolon_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """As a spreadsheet of a Spanish or German office saves it: `;` and a byte-order mark."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def docx_bomb(*, inflated_mb: int = 70) -> bytes:
    """A DOCX of some hundred KB whose body inflates to so much, and says so."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("word/document.xml", "w") as body,
    ):
        for _ in range(inflated_mb):
            body.write(b" " * (1 << 20))
    return packed.getvalue()


def lying_bomb(*, inflated_mb: int = 70) -> bytes:
    """The same, whose directory claims that its body has one kilobyte."""
    bomb = bytearray(docx_bomb(inflated_mb=inflated_mb))
    entry = bomb.rindex(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = (1024).to_bytes(4, "little")
    return bytes(bomb)


def laughing_docx() -> bytes:
    """A DOCX whose entities grow tenfold ten times (the "billion laughs")."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "ha">{entities}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", body)
    return packed.getvalue()


def plain_zip() -> bytes:
    """An archive that is no document."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return packed.getvalue()
