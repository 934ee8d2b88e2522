"""What a course needs before it is published, each with its place in the draft; and what is only worth a look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.markdown import images, is_own
from api.courses.draft_schemas import CompletionIn
from api.courses.draws import draw_problems
from api.courses.models import Course, CourseVersion, Module
from api.courses.module_settings import LiveSettings
from api.courses.questions import own_questions, quiz_problems
from api.media.models import MediaAsset

SHOWN = {"video": "video", "document": "file", "package": "package"}


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence, and where in the draft document it is to be put right."""

    pointer: str
    text: str


@dataclass(slots=True)
class Checked:
    problems: list[Place] = field(default_factory=list)
    warnings: list[Place] = field(default_factory=list)

    def need(self, pointer: str, text: str) -> None:
        self.problems.append(Place(pointer, text))

    def warn(self, pointer: str, text: str) -> None:
        self.warnings.append(Place(pointer, text))


async def check(session: AsyncSession, version: CourseVersion) -> Checked:
    """`version` whole, with its course."""
    found = Checked()
    _headline(version, found)
    _cover(version, found)
    if not version.modules:
        found.need("/modules", "The course has no module yet: add one.")
    for at, module in enumerate(version.modules):
        _module(module, f"/modules/{at}", found)
        if module.kind == "quiz":
            for text in await draw_problems(session, module):
                found.need(f"/modules/{at}/settings/draws", text)
    _completion(version, found)
    await _prerequisites(session, version, found)
    return found


def _headline(version: CourseVersion, found: Checked) -> None:
    if not version.summary.strip():
        found.need("/summary", "The course has no summary: say in a sentence what it is about.")
    if not version.category.strip():
        found.need("/category", "The course has no category: name one, so that it is found in the catalogue.")
    _markdown(version.description, "/description", "The description", found)
    below = {module.section_id for module in version.modules}
    for at, section in enumerate(version.sections):
        if section.id not in below:
            found.warn(f"/sections/{at}", f"The section {section.title} has no module.")


def _cover(version: CourseVersion, found: Checked) -> None:
    if version.cover is None:
        found.warn("/cover", "The course has no cover: in the catalogue its letter stands in its place.")
    else:
        _file(version.cover, "/cover/media_id", "The cover", found)
        if not version.cover_alt.strip():
            found.need("/cover/alt", "Say what the cover shows, for those who don't see it.")


def _file(asset: MediaAsset, pointer: str, name: str, found: Checked) -> None:
    if asset.status == "processing":
        found.need(pointer, f"{name}: {asset.file_name} is still being processed: wait until it is ready.")
    elif asset.status != "ready":
        found.need(pointer, f"{name}: {asset.file_name} could not be processed: upload it again or take another.")


def _markdown(text: str, pointer: str, name: str, found: Checked) -> None:
    for address, description in images(text):
        if not description:
            found.need(pointer, f"{name}: say what the image {address[:100]} shows, between the brackets of ![].")
        if not is_own(address):
            found.warn(pointer, f"{name}: the image {address[:100]} is of another site, so only its words are shown.")


def _module(module: Module, pointer: str, found: Checked) -> None:
    name = f"Module {module.position} ({module.title})"
    _markdown(module.body, f"{pointer}/body", name, found)
    if module.kind in SHOWN:
        _shown(module, pointer, name, found)
    elif module.kind == "text" and not module.body.strip():
        found.need(f"{pointer}/body", f"{name} has no text: write it.")
    elif module.kind == "link" and not module.url:
        found.need(f"{pointer}/url", f"{name} has no address: give one.")
    elif module.kind == "live":
        _live(LiveSettings.model_validate(module.settings), f"{pointer}/settings", name, found)
    elif module.kind == "quiz":
        _quiz(module, pointer, name, found)


def _shown(module: Module, pointer: str, name: str, found: Checked) -> None:
    pointer = f"{pointer}/media_id"
    if module.media is None:
        found.need(pointer, f"{name} has no {'file' if module.kind != 'package' else 'package'}: upload one.")
        return
    _file(module.media, pointer, name, found)
    if module.kind == "video" and not (module.media.detail or {}).get("captions"):
        found.warn(pointer, f"{name} has no captions: who doesn't hear it, doesn't follow it.")


def _live(told: LiveSettings, pointer: str, name: str, found: Checked) -> None:
    if told.starts_at is None:
        found.need(f"{pointer}/starts_at", f"{name} has no date: say when it begins.")
    elif told.starts_at < datetime.now(UTC):
        found.warn(f"{pointer}/starts_at", f"{name} began in the past.")
    if not told.place:
        found.warn(f"{pointer}/place", f"{name} has no place: say where it is.")


def _quiz(module: Module, pointer: str, name: str, found: Checked) -> None:
    for text in quiz_problems(module):
        number = re.match(r", question (\d+):", text.removeprefix(name))
        found.need(f"{pointer}/questions/{int(number[1]) - 1}" if number else f"{pointer}/questions", text)
    for at, question in enumerate(own_questions(module)):
        if question.image:
            _file(question.image, f"{pointer}/questions/{at}/image", f"{name}, question {at + 1}", found)


def _completion(version: CourseVersion, found: Checked) -> None:
    told = CompletionIn.model_validate(version.completion)
    if told.rule != "all" and told.minimum_percent is None:
        found.need("/completion/minimum_percent", "Say how many percent finish the course.")
    if told.rule == "weighted" and version.modules and not sum(module.weight for module in version.modules):
        found.need("/completion", "No module weighs anything, so nothing would finish the course: give weights.")
    if told.rule == "minimum_score" and not any(module.kind == "quiz" for module in version.modules):
        found.need("/completion", "A score finishes the course, but it has no quiz: add one or take another rule.")
    if told.minimum_watch_percent and not any(module.kind == "video" for module in version.modules):
        found.warn("/completion/minimum_watch_percent", "Videos must be watched, but the course has none.")


async def _prerequisites(session: AsyncSession, version: CourseVersion, found: Checked) -> None:
    asked = version.prerequisite_ids
    if not asked:
        return
    open_ones = select(Course.id).where(
        Course.id.in_(asked), Course.current_version_id.is_not(None), Course.archived_at.is_(None)
    )
    known = set(await session.scalars(open_ones))
    for at, course_id in enumerate(asked):
        if course_id not in known:
            found.need(f"/prerequisites/{at}", "A prerequisite is not published, so nobody could finish it first.")


def shown_assets(version: CourseVersion) -> Iterator[MediaAsset]:
    """All that learners see of a version."""
    if version.cover:
        yield version.cover
    for module in version.modules:
        if module.media:
            yield module.media
        yield from (question.image for question in module.questions if question.image)
