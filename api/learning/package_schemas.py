"""Packages over the wire."""

import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.learning.schemas import ID, example

CMI = {"core": {"lesson_status": "incomplete", "lesson_location": "3"}, "suspend_data": "p3"}
FILES = f"http://localhost:8000/package-files/{'0' * 64}/1795464000-{'5d41402a' * 8}/"
ITEM = {
    "id": "item_1",
    "title": "Golf explained",
    "launch": "shared/launchpage.html",
    "kind": "sco",
    "mastery": None,
    "completion_percent": None,
    "launch_data": "",
    "cmi": CMI,
    "is_finished": False,
    "revision": 4,
    "percent": 0,
    "score_percent": None,
}


class PackageStateIn(BaseModel):
    model_config = example(
        {
            "course_id": ID,
            "module_id": ID,
            "item": "item_1",
            "tab": ID,
            "base_revision": 0,
            "revision": 1,
            "cmi": CMI,
            "is_finished": False,
        }
    )

    course_id: uuid.UUID
    module_id: uuid.UUID
    item: str = Field(min_length=1, max_length=200)
    tab: uuid.UUID = Field(description="Of the page that plays the package, chosen by it.")
    base_revision: int = Field(ge=0, lt=2**31, description="What this page read before it began.")
    revision: int = Field(gt=0, lt=2**31, description="Counted up by the page with each state that it sends.")
    cmi: dict[str, Any] = Field(description="What the package wants kept, as SCORM's data model; replaces all of it.")
    is_finished: bool = Field(default=False, description="The learner says so; counts where a package says nothing.")
    is_over: bool = Field(default=False, description="The visit ends: its time and state become a fact.")


class PackageStateSaved(BaseModel):
    model_config = example(
        {"revision": 1, "percent": 100, "score_percent": 90, "module_percent": 100, "progress_percent": 50}
    )

    revision: int
    percent: int = Field(description="Of this item.")
    score_percent: int | None
    module_percent: int
    progress_percent: int = Field(description="Of the course.")


class PackageItemOut(BaseModel):
    id: str
    title: str
    launch: str = Field(description="Relative to `files_url`.")
    kind: Literal["sco", "asset"]
    mastery: float | None
    completion_percent: float | None
    launch_data: str
    cmi: dict[str, Any]
    is_finished: bool
    revision: int
    percent: int
    score_percent: int | None


class PersonOut(BaseModel):
    id: uuid.UUID
    name: str


class PackageStateOut(BaseModel):
    model_config = example(
        {
            "title": "Golf explained",
            "standard": "scorm12",
            "mode": "normal",
            "learner": {"id": ID, "name": "Ada Ito"},
            "files_url": FILES,
            "frame_url": "http://localhost:8000/package-frame",
            "module_percent": 0,
            "items": [ITEM],
        }
    )

    title: str
    standard: Literal["scorm12", "scorm2004", "html"]
    mode: Literal["normal", "preview"] = Field(description="In a preview nothing is kept.")
    learner: PersonOut
    files_url: str = Field(description="Signed and expiring; on the site that shows packages.")
    frame_url: str | None = Field(description="What runs SCORM around a package; null where no site is apart for it.")
    module_percent: int
    items: list[PackageItemOut]
