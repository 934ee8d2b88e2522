"""Notifications and choices as pages and programs read and write them."""

import uuid
from datetime import datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from api.notifications.hours import Digest

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
ONE = {
    "id": ID,
    "kind": "due_soon",
    "title": "Due in 7 days: Working at height",
    "text": "This required course is to be completed by 11 December 2026.",
    "href": f"/learn/{ID}",
    "action": "Open the course",
    "occurred_at": "2026-12-04T07:00:00Z",
    "is_read": False,
}
CHOICES: dict[str, Any] = {
    "digest": "daily",
    "digest_at": "08:00",
    "quiet_from": "20:00",
    "quiet_to": "07:00",
    "is_weekend_quiet": True,
}
Clock = Annotated[time, PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str)]
"""Hour and minute of the reader's time zone."""


def example(value: Any, *, extra: Literal["forbid", "ignore"] = "ignore") -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value}, extra=extra)


class NotificationOut(BaseModel):
    """In the reader's language, as of now."""

    id: uuid.UUID
    kind: str
    title: str
    text: str
    href: str = Field(description="A path of this site.")
    action: str = Field(description="What `href` leads to.")
    occurred_at: datetime
    is_read: bool


class NotificationPage(BaseModel):
    model_config = example({"items": [ONE], "unread": 1, "next": None})

    items: list[NotificationOut]
    unread: int = Field(description="All unread ones; 100 stands for 100 and more.")
    next: uuid.UUID | None = Field(description="`cursor` of the next page.")


class ReadIn(BaseModel):
    """One of both."""

    model_config = example({"ids": [ID]}, extra="forbid")

    ids: list[uuid.UUID] = Field(default_factory=list, max_length=500)
    all: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.ids) == self.all:
            raise ValueError("give either ids or all: true")
        return self


class ReadOut(BaseModel):
    model_config = example({"unread": 0})

    unread: int


class ChannelsIn(BaseModel):
    model_config = example({"app": True, "mail": False}, extra="forbid")

    app: bool | None = None
    mail: bool | None = None


class TimesFields(BaseModel):
    digest: Digest = Field(description="Collect mail into one a day, or one each Monday.")
    digest_at: Clock
    quiet_from: Clock | None = Field(description="No mail from this hour to `quiet_to`; both null: none are quiet.")
    quiet_to: Clock | None
    is_weekend_quiet: bool


class ChoicesIn(BaseModel):
    """What is left out stays."""

    model_config = example({"kinds": {"enrolled": {"mail": False}}, **CHOICES}, extra="forbid")

    kinds: dict[str, ChannelsIn] = Field(default_factory=dict, max_length=50)
    digest: Digest | None = None
    digest_at: Clock | None = None
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    is_weekend_quiet: bool | None = None


class KindOut(BaseModel):
    kind: str
    label: str
    app: bool
    mail: bool
    must_show: bool = Field(description="`app` can't be switched off.")


class ChoicesOut(TimesFields):
    model_config = example(
        {
            "kinds": [{"kind": "due_soon", "label": "A due date comes near", "app": True, "mail": True}],
            "time_zone": "Europe/Berlin",
            **CHOICES,
        }
    )

    kinds: list[KindOut]
    time_zone: str = Field(description="By whose clock; PUT /me/settings changes it.")
