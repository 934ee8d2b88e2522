"""Jobs of captions."""

import uuid
from typing import Any

from api.core.jobs import Context, task
from api.media.caption_texts import read_texts
from api.media.models import MediaAsset


@task(name="read_captions")
async def read_captions(context: Context, *, asset_id: str, **_: Any) -> None:
    """The second time it reads the same; of a file that was deleted meanwhile nothing is left to read."""
    async with context.sessions.begin() as session:
        if asset := await session.get(MediaAsset, uuid.UUID(asset_id), with_for_update=True):
            await read_texts(session, context.settings, asset)
