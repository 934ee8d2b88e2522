"""What the captions of a video say, kept as text beside them, so that its courses are found by what is said in it."""

import html
import re
import uuid

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.jobs import LIGHT, enqueue
from api.core.settings import Settings
from api.media.caption_files import BadCaptions, decode, parse
from api.media.models import CaptionText, MediaAsset
from api.media.storage import bundle_key, object_key, objects, stream

MOST_CHARACTERS = 400_000
MARKUP = re.compile(r"<[^<>]*>")


async def read_later(session: AsyncSession, asset_id: uuid.UUID) -> None:
    """By a job, because the files may be far away; one is enough for several changes."""
    args = {"asset_id": str(asset_id)}
    await enqueue(session, "read_captions", queue=LIGHT, args=args, queueing_lock=f"read_captions {asset_id}")


async def read_texts(session: AsyncSession, settings: Settings, asset: MediaAsset) -> None:
    """In place of what was read before. A file that is gone or can't be read says nothing."""
    texts = []
    for caption in asset.detail.get("captions", []):
        sha256, path = caption.get("sha256"), caption.get("path")
        key = object_key(sha256) if sha256 else bundle_key(asset.bundle or "", path)
        texts.append(CaptionText(asset_id=asset.id, language=caption["language"], body=await _said(settings, key)))
    await session.execute(delete(CaptionText).where(CaptionText.asset_id == asset.id))
    session.add_all({text.language: text for text in texts if text.body}.values())


async def _said(settings: Settings, key: str) -> str:
    try:
        content = b"".join([piece async for piece in await stream(objects(settings), key)])
        cues = parse(decode(content))
    except (FileNotFoundError, BadCaptions):
        return ""
    lines = (html.unescape(MARKUP.sub(" ", cue.text)) for cue in cues)
    return " ".join(" ".join(lines).split())[:MOST_CHARACTERS]
