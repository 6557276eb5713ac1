"""Words and numbers of the knowledge base."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

CLEAR_FILE = "knowledge.clear_file"
"""The job that removes a file which nothing needs."""

MAX_FILE_BYTES = 10 * 1024 * 1024
"""Of an upload (published limit: 10 MB, counted as 10485760 bytes)."""
MAX_TEXT_CHARS = 200_000
MAX_SECTIONS = 200
"""Of one assistant: a search names each of its files."""
MAX_WAITING = 20
"""Uploads of one organization that wait to be attached; the oldest go first."""

MOST_SHOWN = 60
"""Pieces of a section that its page shows: about fifteen printed pages."""

WRITING_TAKES = dt.timedelta(hours=1)
"""By then a file that was begun has its row, or whoever wrote it has crashed."""
WAITS_FOR = dt.timedelta(days=7)
"""How long an upload waits to be attached to a section."""

UPLOADS_PER_HOUR = 60
"""Of one organization (published limit)."""

MARKDOWN = "text/markdown"

LONGEST_KEY = 50

_LABELS: Mapping[str, str] = {"faqs": "FAQs", "faq": "FAQ", "company-info": "Company Info"}


def label_of(key: str) -> str:
    """What people read for a section's key."""
    return _LABELS.get(key) or " ".join(part.capitalize() for part in key.split("-") if part)


def key_of(label: str) -> str:
    """The key of a section that people call so: small letters and digits parted by hyphens; "": none is left."""
    folded = unicodedata.normalize("NFKD", label.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_KEY].strip("-")
