"""What follows when a file has arrived, by its kind; who works on a kind registers here."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.media.models import MediaAsset

Handler = Callable[[AsyncSession, Settings, MediaAsset, Path], Awaitable[None]]

HANDLERS: dict[str, Handler] = {}
"""By kind of asset. Called in the transaction that inserts the asset, whose `object` is stored; `path` is the file
for as long as the call takes. Enqueue what takes long. A ProblemError refuses the file: nothing of it is kept.
A kind that nobody handles is ready at once.
"""
READY_AT_ONCE = ("image",)
