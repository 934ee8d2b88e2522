"""Jobs of this domain."""

import uuid

from api.core.jobs import TRANSCODE, Context, task
from api.media import transcoding

GAVE_UP = "Converting the video broke off. Try again; if that fails too, tell whoever runs Praxis."


async def give_up(context: Context, *, asset_id: str) -> None:
    await transcoding.fail(context, uuid.UUID(asset_id), GAVE_UP)


@task(name="transcode_video", queue=TRANSCODE, gave_up=give_up)
async def transcode_video(context: Context, *, asset_id: str) -> None:
    await transcoding.work(context, uuid.UUID(asset_id))
