"""How long files and the numbers of snapshots are kept, and the links that open a file for a while."""

import hashlib
import hmac
import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import delete, update

from api.core.errors import Forbidden
from api.core.jobs import Context
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.media.storage import remove
from api.reports.models import ReportRun, ReportSnapshot
from api.reports.runs import file_key
from api.reports.schedule_models import ReportDelivery
from api.reports.snapshots import KEPT_DAYS

FILE_DAYS = 7
"""Whom one may see changes: a file has those of the day it was made, so it is not kept for long."""
DELIVERY_DAYS = 90
LINK_S = 600


class LinkExpired(Forbidden):
    title = "The link has expired"


def link(settings: Settings, run_id: uuid.UUID, *, now: float | None = None) -> tuple[str, datetime]:
    """An address that gives the file to whoever has it, and until when."""
    expires = int(now or time.time()) + LINK_S
    query = urlencode({"expires": expires, "signature": _signature(settings, run_id, expires)})
    return f"{settings.api_url}/reports/{run_id}/file?{query}", datetime.fromtimestamp(expires, UTC)


def check_link(settings: Settings, run_id: uuid.UUID, *, expires: int, signature: str) -> None:
    if not hmac.compare_digest(_signature(settings, run_id, expires).encode(), signature.encode()):
        raise Forbidden("The link is not one of ours: take it from GET /reports/{id}.")
    if expires < time.time():
        raise LinkExpired("Take a fresh one from GET /reports/{id}.")


def _signature(settings: Settings, run_id: uuid.UUID, expires: int) -> str:
    key = keep_secret(settings.secrets_dir / "report_key", lambda: secrets.token_hex(32))
    return hmac.new(bytes.fromhex(key), f"{run_id}\n{expires}".encode(), hashlib.sha256).hexdigest()


async def forget(context: Context, *, now: datetime | None = None) -> None:
    """Nightly. What was asked and its evidence stay in the history."""
    now = now or datetime.now(UTC)
    async with context.sessions.begin() as session:
        old = ReportRun.finished_at < now - timedelta(days=FILE_DAYS)
        expired = update(ReportRun).where(old, ReportRun.state == "done").values(state="expired")
        files = list(await session.scalars(expired.returning(ReportRun.id)))
        cancelled = update(ReportRun).where(old, ReportRun.state == "cancelled", ReportRun.size_bytes.is_(None))
        files += list(await session.scalars(cancelled.values(size_bytes=0).returning(ReportRun.id)))
        ended = ReportDelivery.finished_at < now - timedelta(days=DELIVERY_DAYS)
        await session.execute(delete(ReportDelivery).where(ended))
        before = now - timedelta(days=KEPT_DAYS + 1)
        await session.execute(delete(ReportSnapshot).where(ReportSnapshot.taken_at < before))
        await remove(context.settings, [file_key(one) for one in files])
