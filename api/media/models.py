"""Tables of stored files: contents by their hash, and the assets that courses refer to."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.core.db import Base, Keyed, Timestamped


class MediaObject(Keyed, Timestamped, Base):
    """One row per distinct content; `sha256` is its address in the object store."""

    __tablename__ = "media_object"
    __table_args__ = (UniqueConstraint("sha256"),)

    sha256: Mapped[str]
    content_type: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_s: Mapped[float | None]


class MediaAsset(Keyed, Timestamped, Base):
    """One row per file that somebody gave: what a module shows once `status` is ready.

    `object` is the content as it was given, or what is shown in its place (an Office file's PDF). `bundle` is the
    content hash of a set of files made from it: the renditions of a video, the files of a package.
    """

    __tablename__ = "media_asset"
    __table_args__ = (
        CheckConstraint("kind in ('video', 'document', 'image', 'package')", name="kind"),
        CheckConstraint("status in ('processing', 'ready', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress_percent between 0 and 100", name="progress_percent"),
        Index("ix_media_asset_owner_id", "owner_id", "created_at"),
    )

    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    failure: Mapped[str | None]
    """What was wrong with the file and what to do, for its owner."""
    progress_percent: Mapped[int] = mapped_column(server_default="0")
    eta_s: Mapped[int | None]
    object_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_object.id"), index=True)
    bundle: Mapped[str | None] = mapped_column(index=True)
    duration_s: Mapped[float | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    ready_at: Mapped[datetime | None]

    object: Mapped[MediaObject | None] = relationship(lazy="raise")


class BundleFile(Base):
    """One row per file of a set; the set's name follows from all paths and contents in it."""

    __tablename__ = "media_bundle_file"

    bundle: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]


class CaptionText(Base):
    """One row per video and language of its captions: what they say, without times, for the catalogue's search.

    A trigger of migration 0016 takes it into the courses that show the video.
    """

    __tablename__ = "media_caption_text"

    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_asset.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]


class Upload(Keyed, Timestamped, Base):
    """One row per file that is still arriving; it becomes an asset of the same id, or goes.

    How much is there is the size of its file, see uploads.py.
    """

    __tablename__ = "media_upload"
    __table_args__ = (
        CheckConstraint("route in ('upload-video', 'upload-material')", name="route"),
        CheckConstraint("size_bytes > 0", name="size_bytes"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    route: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    """As it was told beforehand."""
    sha256: Mapped[str | None]
    """Of the whole, where it was told beforehand."""
    told: Mapped[str] = mapped_column("metadata", server_default="")
    """Upload-Metadata as it was given, for HEAD."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
