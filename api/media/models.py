"""Table of stored files."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
