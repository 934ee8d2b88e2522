"""Files over the wire."""

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"
Kind = Literal["video", "document", "image", "package"]
Status = Literal["processing", "ready", "failed", "cancelled"]
UPLOADED: dict[str, Any] = {"asset_id": ID, "status": "processing", "message": "The video is being processed."}
LINKS: dict[str, Any] = {
    "url": "https://learn.example.com/media/9f86d081...?type=video%2Fmp4&expires=1795464000&signature=5d41402a...",
    "content_type": "video/mp4",
    "size_bytes": 48120334,
    "poster": None,
    "sprites": None,
    "captions": [],
    "hls": None,
}
ASSET: dict[str, Any] = {
    "id": ID,
    "kind": "video",
    "file_name": "ladders.mp4",
    "content_type": "video/mp4",
    "size_bytes": 48120334,
    "status": "processing",
    "failure": None,
    "progress_percent": 40,
    "eta_s": 35,
    "duration_s": 60.0,
    "detail": {"width": 1920, "height": 1080},
    "created_at": MOMENT,
    "ready_at": None,
    "links": LINKS,
}


class UploadedOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": UPLOADED})

    asset_id: uuid.UUID
    status: Status
    message: str


class CaptionLinkOut(BaseModel):
    language: str
    label: str
    url: str | None


class LinksOut(BaseModel):
    url: str | None = Field(description="Signed and expiring; takes Range requests.")
    content_type: str
    size_bytes: int
    poster: str | None
    sprites: str | None
    captions: list[CaptionLinkOut]
    hls: str | None


class AssetOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": ASSET})

    id: uuid.UUID
    kind: Kind
    file_name: str
    content_type: str
    size_bytes: int
    status: Status
    failure: str | None = Field(description="What was wrong with the file, and what to do.")
    progress_percent: int
    eta_s: int | None
    duration_s: float | None
    detail: dict[str, Any] = Field(description="What is known of the file: width, height, renditions, a manifest.")
    created_at: datetime
    ready_at: datetime | None
    links: LinksOut


class AssetPage(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"items": [ASSET], "next": None}})

    items: list[AssetOut]
    next: uuid.UUID | None = Field(description="Send it as `cursor` for what follows; null at the end.")


class TranscodeIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"asset_id": ID}})

    asset_id: uuid.UUID


CAPTION: dict[str, Any] = {
    "language": "de",
    "label": "Deutsch",
    "cues": 48,
    "changed_at": MOMENT,
    "url": "https://learn.example.com/media/5feceb66...?type=text%2Fvtt%3B+charset%3Dutf-8&expires=1795464000&signature=...",
}


class CaptionOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": CAPTION})

    language: str = Field(description="BCP 47.")
    label: str = Field(description="As the player's menu shows it.")
    cues: int
    changed_at: datetime
    url: str | None = Field(description="WebVTT; signed and expiring.")


class CaptionPage(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"items": [CAPTION]}})

    items: list[CaptionOut]
