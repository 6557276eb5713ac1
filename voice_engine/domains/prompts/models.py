"""Prompts, their sections, and every text that they have had."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import TenantRow, id_column, id_reference


class Prompt(TenantRow):
    """An assistant's prompt. `text` is what the engine is given; `source` what its owner wrote last, from which it
    follows (`edit.py`). `version` grows with every change of the text."""

    __tablename__ = "prompts"

    id: Mapped[str] = id_column()
    assistant_id: Mapped[str] = id_reference("assistants.id", index=False)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("assistant_id"),)


class PromptSection(TenantRow):
    """One managed section of a prompt. `base` is what was generated when its owner last wrote, `latest` what was
    generated last (`sections.Rendering.as_json`; None: nothing).

    `position` and `length` say where it stands in the prompt's `source`, None: nowhere; `headed`: under its
    heading. `wording` is a language model's text for it, None: the templates' (`wording.py`).
    """

    __tablename__ = "prompt_sections"

    id: Mapped[str] = id_column()
    prompt_id: Mapped[str] = id_reference("prompts.id", index=False)
    key: Mapped[str] = mapped_column(sa.String(16))
    base: Mapped[dict[str, Any] | None]
    latest: Mapped[dict[str, Any] | None]
    position: Mapped[int | None]
    length: Mapped[int | None]
    headed: Mapped[bool] = mapped_column(default=False)
    wording: Mapped[dict[str, Any] | None]

    __table_args__ = (sa.UniqueConstraint("prompt_id", "key"),)


class PromptRevision(TenantRow):
    """A version of a prompt, never changed. `author` is a user's id; `reason` a word for what made it.

    `displaced` are the lines of its owner that gave way to new facts in it: `[{"section", "line"}]`.
    """

    __tablename__ = "prompt_revisions"

    id: Mapped[str] = id_column()
    prompt_id: Mapped[str] = id_reference("prompts.id", index=False)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.String(100))
    reason: Mapped[str] = mapped_column(sa.String(40))
    displaced: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("prompt_id", "version"),)
