"""A business's assistants."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.ports.call import GreetingMode
from voice_engine.store.rows import TenantRow, id_column

ENGINE_ID_LENGTH = 128


class Assistant(TenantRow):
    """One receptionist. `engine_id` (the wire's `vapiAssistantId`) is unique among all tenants, deleted ones too.

    `name` is its label in lists, `spoken_name` what it calls itself; None: its voice's name. `tools` are what it
    may do in a call besides talking: `[{"name", "origin", "config"}]`, each put there by the setting that is its
    origin.
    """

    __tablename__ = "assistants"

    id: Mapped[str] = id_column()
    engine_id: Mapped[str] = mapped_column(sa.String(ENGINE_ID_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    spoken_name: Mapped[str | None] = mapped_column(sa.String(30))
    status: Mapped[str] = mapped_column(sa.String(16), default="ACTIVE")
    voice_id: Mapped[str] = mapped_column(sa.String(100))
    voice_name: Mapped[str] = mapped_column(sa.String(60))
    first_message_mode: Mapped[str] = mapped_column(sa.String(64), default=GreetingMode.ASSISTANT_FIRST)
    first_message: Mapped[str | None] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(5), default="en")
    tools: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[dt.datetime]
    deleted_at: Mapped[dt.datetime | None]
