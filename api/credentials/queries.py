"""Certificates with what became of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.credentials.models import Certificate

_newer = aliased(Certificate)
_RENEWED_BY = (
    select(_newer.code)
    .where(
        _newer.person_id == Certificate.person_id,
        func.coalesce(_newer.course_id, _newer.path_id) == func.coalesce(Certificate.course_id, Certificate.path_id),
        _newer.kind == Certificate.kind,
        _newer.issued_at > Certificate.issued_at,
        _newer.revoked_at.is_(None),
    )
    .order_by(_newer.issued_at.desc())
    .limit(1)
    .scalar_subquery()
)


async def certificates(
    session: AsyncSession, *conditions: ColumnElement[bool]
) -> Sequence[Row[Certificate, str | None]]:
    """(certificate, code of the one that renewed it), the newest first."""
    statement: Select[Any] = select(Certificate, _RENEWED_BY.label("renewed_by")).where(*conditions)
    found: Sequence[Row[Certificate, str | None]] = (
        await session.execute(statement.order_by(Certificate.issued_at.desc(), Certificate.id))
    ).all()
    return found
