"""Reads of files that links name."""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.media.models import BundleFile

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Delivered:
    sha256: str
    content_type: str
    size_bytes: int


_known: OrderedDict[tuple[str, str], Delivered] = OrderedDict()


async def bundle_file(reader: AsyncConnection, bundle: str, path: str) -> Delivered | None:
    """Remembered: a set never changes, and a player asks for the same segments as the learner before it."""
    if found := _known.get((bundle, path)):
        return found
    columns = (BundleFile.sha256, BundleFile.content_type, BundleFile.size_bytes)
    statement = select(*columns).where(BundleFile.bundle == bundle, BundleFile.path == path)
    row = (await reader.execute(statement)).one_or_none()
    if row is None:
        return None
    if len(_known) >= MOST:
        _known.popitem(last=False)
    return _known.setdefault((bundle, path), Delivered(*row))
