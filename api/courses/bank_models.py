"""Question banks: items with tags that quizzes draw from. An item's versions are never changed, only followed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped
from api.media.models import MediaAsset


class QuestionBank(Keyed, Timestamped, Base):
    """One row per bank; its owner writes it, co-authors of a course that draws from it read it and draw too."""

    __tablename__ = "question_bank"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    """Set instead of deleting: published quizzes keep the numbers of its items."""


class BankItem(Keyed, Timestamped, Base):
    """One row per item of a bank; `id` is the item_id of the questions copied from it, `version` its newest."""

    __tablename__ = "bank_item"
    __table_args__ = (Index("ix_bank_item_bank_id", "bank_id", "created_at"),)

    bank_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question_bank.id"))
    version: Mapped[int] = mapped_column(server_default="1")
    revision: Mapped[int] = mapped_column(server_default="1")
    """Grows with each saved change, of tags or feedback too; an author's If-Match names it."""
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]

    bank: Mapped[QuestionBank] = relationship(lazy="raise")
    now: Mapped["BankItemVersion"] = relationship(
        primaryjoin="and_(BankItem.id == foreign(BankItemVersion.item_id),"
        " BankItem.version == BankItemVersion.version)",
        viewonly=True,
        lazy="raise",
        uselist=False,
    )


class BankItemVersion(Timestamped, Base):
    """One row per item and version: what was asked under this number, for good; only feedback is corrected in it."""

    __tablename__ = "bank_item_version"

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_item.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    prompt: Mapped[str]
    points: Mapped[int]
    feedback: Mapped[str] = mapped_column(server_default="")
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """As ChoiceIn, in order, each with its id."""
    spec: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    image_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_asset.id"))
    image_alt: Mapped[str] = mapped_column(server_default="")

    image: Mapped[MediaAsset | None] = relationship(lazy="raise")
