"""From rows to what goes over the wire: the content of a course, and the documented engagement body."""

import uuid
from typing import Any

import msgspec

from api.core.settings import Settings
from api.courses.models import CourseVersion, Module
from api.learning.engagement import EngagementIn
from api.learning.models import Certificate, Enrollment, ModuleProgress
from api.learning.schemas import ID, MOMENT, ContentOut, EnrollmentOut
from api.media.service import asset_links

EXAMPLE = {
    "events": [
        {
            "id": ID,
            "kind": "video_played",
            "enrollment_id": ID,
            "module_id": ID,
            "occurred_at": MOMENT,
            "from_s": 0,
            "to_s": 15,
            "rate": 1,
        }
    ]
}


def _engagement_body() -> dict[str, Any]:
    """The msgspec types as JSON schema, inlined: FastAPI doesn't know them."""
    (reference,), definitions = msgspec.json.schema_components([EngagementIn], ref_template="#/$defs/{name}")
    schema = {**definitions["EngagementIn"]}
    schema["properties"] = {"events": {**schema["properties"]["events"], "items": definitions["Engagement"]}}
    assert reference
    content = {"application/json": {"schema": schema, "example": EXAMPLE}}
    return {"requestBody": {"required": True, "content": content}}


ENGAGEMENT_BODY = _engagement_body()


def content_out(
    version: CourseVersion,
    enrollment: Enrollment | None,
    progress: dict[uuid.UUID, ModuleProgress],
    *,
    settings: Settings,
    media_key: bytes,
) -> ContentOut:
    columns = ("course_id", "number", "title", "summary", "description", "language", "pass_percent")
    return ContentOut.model_validate(
        {
            **{name: getattr(version, name) for name in columns},
            "version_id": version.id,
            "enrollment": enrollment and EnrollmentOut.model_validate(enrollment, from_attributes=True),
            "modules": [_module(module, progress.get(module.id), settings, media_key) for module in version.modules],
        }
    )


def _module(module: Module, progress: ModuleProgress | None, settings: Settings, media_key: bytes) -> dict[str, Any]:
    columns = ("id", "position", "kind", "title", "duration_s", "body")
    media = module.media
    has_files = media is not None and (media.object or media.bundle)
    return {
        **{name: getattr(module, name) for name in columns},
        "media": asset_links(settings, media_key, media) if media and has_files else None,
        "questions": [
            {
                "id": question.id,
                "kind": question.kind,
                "prompt": question.prompt,
                "choices": [{"id": choice.id, "label": choice.label} for choice in question.choices],
            }
            for question in module.questions
        ],
        "progress": progress
        and {
            "module_id": module.id,
            "percent": progress.percent,
            "position_s": progress.position_s,
            "completed_at": progress.completed_at,
        },
    }


def certificate_fields(certificate: Certificate) -> dict[str, Any]:
    columns = ("code", "person_name", "course_title", "score_percent", "issued_at")
    return {name: getattr(certificate, name) for name in columns}
