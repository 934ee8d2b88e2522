"""Signed documents for other programs: a certificate's credential, and the lists of those that were revoked."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import NotFound
from api.core.settings import Settings
from api.credentials.data_integrity import secured
from api.credentials.issuer_keys import IssuerKeys
from api.credentials.models import Certificate
from api.credentials.open_badge import credential, moment
from api.credentials.rules import normal_code
from api.credentials.status_list import LENGTH, status_list


async def signed_credential(session: AsyncSession, settings: Settings, keys: IssuerKeys, code: str) -> str:
    """The same text each time: it is signed once and kept. Anew only where the install's address has changed since,
    because nobody could reach the key under the old one.
    """
    certificate = await session.scalar(
        select(Certificate).where(Certificate.code == normal_code(code)).with_for_update()
    )
    if certificate is None:
        raise NotFound("No certificate carries this code: it is not genuine, or the code is mistyped.")
    kept: str | None = await session.scalar(select(Certificate.credential).where(Certificate.id == certificate.id))
    if kept and json.loads(kept)["issuer"]["id"] == keys.id:
        return kept
    told = await run_in_threadpool(
        secured, credential(certificate, settings), keys, created=moment(certificate.issued_at)
    )
    certificate.credential = json.dumps(told, ensure_ascii=False, indent=2)
    return certificate.credential


class StatusLists:
    """Signs a list when something was revoked since it was last asked for; one of these a process."""

    def __init__(self, settings: Settings, keys: IssuerKeys) -> None:
        self._settings, self._keys = settings, keys
        self._known: dict[int, tuple[Any, dict[str, Any]]] = {}

    async def get(self, session: AsyncSession, number: int) -> dict[str, Any]:
        first = number * LENGTH
        within = (Certificate.status_index >= first, Certificate.status_index < first + LENGTH)
        newest = await session.scalar(select(func.max(Certificate.status_index)))
        if number and (newest is None or newest < first):
            raise NotFound("There is no such list yet.")
        statement = select(Certificate.status_index - first, Certificate.revoked_at)
        rows = (await session.execute(statement.where(*within, Certificate.revoked_at.is_not(None)))).all()
        revoked = frozenset(row[0] for row in rows)
        state = (revoked, self._keys.method())
        if number not in self._known or self._known[number][0] != state:
            since = max((row[1] for row in rows if row[1]), default=datetime(2026, 1, 1, tzinfo=UTC))
            told = status_list(number, revoked, self._settings, valid_from=moment(since))
            signed = await run_in_threadpool(secured, told, self._keys, created=moment(since))
            self._known[number] = (state, signed)
        return self._known[number][1]
