"""Captions of a video in several languages: kept as WebVTT beside it, named in the asset's `detail`."""

import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Conflict, NotFound, ProblemError
from api.core.jobs import LIGHT, enqueue
from api.core.settings import Settings
from api.identity import audit
from api.identity.rules import Principal
from api.media.assets import own_asset
from api.media.caption_files import BadCaptions, decode, language_tag, parse, to_vtt
from api.media.caption_texts import read_later
from api.media.leftovers import hold
from api.media.models import MediaAsset
from api.media.storage import object_key, put_bytes

MOST_BYTES = 2 * 1024 * 1024
MOST_LANGUAGES = 60


class CaptionsRefused(ProblemError):
    status = 422
    title = "These captions can't be used"


class CaptionsTooLarge(ProblemError):
    status = 413
    title = "The captions are too large"


class TooManyLanguages(Conflict):
    title = "Too many languages"


async def put(
    session: AsyncSession,
    settings: Settings,
    who: Principal,
    *,
    asset_id: uuid.UUID,
    language: str,
    label: str,
    content: bytes,
) -> MediaAsset:
    """These captions from now on, in place of those of the same language; the same again changes nothing."""
    tag, vtt, cues = _checked(language, content)
    asset = await _own_video(session, who, asset_id)
    before = list(asset.detail.get("captions", []))
    others = [one for one in before if one["language"] != tag]
    if len(others) >= MOST_LANGUAGES:
        raise TooManyLanguages(f"A video has captions in {MOST_LANGUAGES} languages at most: remove one first.")
    sha256 = hashlib.sha256(vtt).hexdigest()
    caption = {"language": tag, "label": label, "sha256": sha256, "cues": cues}
    known = next((one for one in before if one["language"] == tag), None)
    if known and {**known, "changed_at": None} == {**caption, "changed_at": None}:
        return asset
    await hold(session, sha256)
    await put_bytes(settings, object_key(sha256), vtt)
    caption["changed_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    await _change(session, who, asset, [*others, caption], gone=known)
    return asset


async def remove(session: AsyncSession, who: Principal, *, asset_id: uuid.UUID, language: str) -> None:
    """NotFound where there are none in this language, so also the second time."""
    asset = await _own_video(session, who, asset_id)
    before = list(asset.detail.get("captions", []))
    gone = next((one for one in before if one["language"] == language_tag(language)), None)
    if gone is None:
        raise NotFound("This video has no captions in this language.")
    await _change(session, who, asset, [one for one in before if one is not gone], gone=gone)


def _checked(language: str, content: bytes) -> tuple[str, bytes, int]:
    """The language's usual tag, the captions as WebVTT, and how many cues."""
    tag = language_tag(language)
    if tag is None:
        raise CaptionsRefused(f"{language!r} is no language tag (BCP 47): write en, pt-BR or zh-Hant.")
    if len(content) > MOST_BYTES:
        raise CaptionsTooLarge(f"Captions have {MOST_BYTES // 1024**2} MB at most.")
    try:
        cues = parse(decode(content))
    except BadCaptions as error:
        raise CaptionsRefused(str(error), line=error.line) from None
    return tag, to_vtt(cues).encode(), len(cues)


async def _own_video(session: AsyncSession, who: Principal, asset_id: uuid.UUID) -> MediaAsset:
    asset = await own_asset(session, who, asset_id)
    if asset.kind != "video":
        raise NotFound("This file is no video: only videos have captions.")
    return asset


async def _change(
    session: AsyncSession,
    who: Principal,
    asset: MediaAsset,
    captions: list[dict[str, Any]],
    *,
    gone: dict[str, Any] | None,
) -> None:
    """The old file goes by a job, unless another asset has the same."""
    before = sorted(one["language"] for one in asset.detail.get("captions", []))
    asset.detail = {**asset.detail, "captions": sorted(captions, key=lambda one: one["language"])}
    await session.flush()
    if gone:
        await enqueue(session, "remove_unused_files", queue=LIGHT, args={"hashes": [gone["sha256"]], "bundle": None})
    await read_later(session, asset.id)
    after = [one["language"] for one in asset.detail["captions"]]
    await audit.record(
        session,
        action="media.captions_changed",
        actor=who,
        target_type="media_asset",
        target_id=asset.id,
        before={"languages": before},
        after={"languages": after},
    )
