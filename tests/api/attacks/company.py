"""A small company with something of everything, at a real server: what each role may call is called for real."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, new_id
from api.core.settings import Settings
from api.courses.models import Choice, Course, CourseVersion, Module, Question
from api.credentials.models import Certificate
from api.identity.models import Account, RoleGrant
from api.identity.oauth_clients import register_service
from api.identity.service import hash_password
from api.identity.tokens import operator_token
from api.learning.bookmarks import set_bookmark
from api.learning.comment_schemas import CommentIn
from api.learning.comments import say
from api.learning.models import Enrollment
from api.learning.note_schemas import BookmarkIn, NoteIn
from api.learning.notes import keep_note
from api.learning.quiz_schemas import AnswerIn, AttemptIn
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from api.media.models import MediaAsset
from api.media.service import ensure_media_key, signed_path, store
from api.notifications.models import Notification
from api.people.models import Person
from api.reports.models import ReportRun
from api.reports.schedule_models import ReportSchedule
from tests.factories import make_course, make_org_unit, make_person, make_quiz, make_requirement, modules_of

PASSWORD = "correct horse battery staple"
SERVICE = "fuzz-service"
A_NOTE = "A stranger's note to themselves."
A_DUTY = "A stranger's duty"
A_SCHEDULE = "A stranger's schedule"
ROLES: dict[str, tuple[str, ...]] = {
    "anonymous": (),
    "employee": ("employee",),
    "manager": ("employee", "manager"),
    "creator": ("employee", "manager", "creator"),
    "officer": ("employee", "manager", "officer"),
    "officer of a unit": ("employee", "manager", "officer"),
    "hr_data": ("employee", "manager", "hr_data"),
    "auditor": ("auditor",),
    "service": ("service",),
}
"""What is asked with each role's token; the service's comes from the token endpoint."""


@dataclass
class Company:
    """`accounts` by role; `ids` by the name that a parameter or field gives them, somebody else's among them."""

    settings: Settings
    accounts: dict[str, uuid.UUID] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    ids: dict[str, list[str]] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    code: str = ""
    own: dict[str, str] = field(default_factory=dict)
    """Of the creator: their published course and its first module."""
    draft: dict[str, str] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)
    """Ids of a stranger's in another unit: a course that isn't published, and one that they finished."""
    secrets: list[str] = field(default_factory=list)
    """What an answer to anybody else must not hold."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.api_port}"

    def headers(self, role: str) -> dict[str, str]:
        if role == "anonymous":
            return {}
        if role == "service":
            form = {"grant_type": "client_credentials"}
            answer = httpx.post(f"{self.url}/oauth/token", data=form, auth=(SERVICE, self.secret), timeout=30)
            token = answer.raise_for_status().json()["access_token"]
        else:
            token = operator_token(self.settings, self.accounts[role], ROLES[role])
        return {"Authorization": f"Bearer {token}"}

    def sign_in(self, browser: httpx.Client, role: str = "manager") -> None:
        """Unless it still is: a password takes its time."""
        if browser.get("/me").is_success:
            return
        form = {"email": self.emails[role], "password": PASSWORD}
        assert browser.post("/sign-in", data=form).status_code == 303

    def add(self, name: str, *ids: uuid.UUID) -> None:
        self.ids.setdefault(name, []).extend(map(str, ids))


@asynccontextmanager
async def writing(settings: Settings) -> AsyncIterator[AsyncSession]:
    engine = make_engine(settings.database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        yield session
    await engine.dispose()


async def found(settings: Settings) -> Company:
    company = Company(settings)
    async with writing(settings) as session:
        people = await _people(session, company)
        await _courses(session, company, people)
        await _media(session, company)
        company.secret = await register_service(session, client_id=SERVICE, name="Numbers", scopes=["reports"])
    return company


async def _people(session: AsyncSession, company: Company) -> dict[str, Person]:
    plant, office = [await make_org_unit(session, name) for name in ("Plant", "Office")]
    lead = await make_person(session, "Manager", org_unit=plant, password_hash=hash_password(PASSWORD))
    people = {"manager": lead}
    for role in ("employee", "creator", "officer", "officer of a unit", "hr_data"):
        people[role] = await make_person(session, role.title(), manager=lead, org_unit=plant)
    people["stranger"] = await make_person(session, "Stranger", org_unit=office, roles=("creator",))
    granted = {"creator": None, "officer": None, "officer of a unit": plant.id, "hr_data": None}
    for role, unit in granted.items():
        name = "officer" if role == "officer of a unit" else role
        session.add(RoleGrant(account_id=people[role].id, role=name, org_unit_id=unit))
    auditor = Account(email="auditor@example.com")
    session.add(auditor)
    await session.flush()
    session.add(RoleGrant(account_id=auditor.id, role="auditor"))
    company.accounts = {role: person.id for role, person in people.items()} | {"auditor": auditor.id}
    company.emails = {role: str(person.email) for role, person in people.items()}
    company.add("person_id", *(person.id for person in people.values()))
    company.add("org_unit_id", plant.id, office.id)
    company.add("account_id", *company.accounts.values())
    return people


async def _courses(session: AsyncSession, company: Company, people: dict[str, Person]) -> None:
    """A course of the creator, and of a stranger one that is published and one that isn't."""
    own = await make_course(session, people["creator"], "Safe data")
    theirs = await make_course(session, people["stranger"], "Fire safety", modules=[_text(1), make_quiz(2)])
    draft = await make_course(
        session, people["stranger"], "Not yet", is_published=False, modules=[_text(1, "A secret draft.")]
    )
    own_draft = await make_course(session, people["creator"], "In the making", is_published=False)
    await make_requirement(session, own, due_within_days=40)
    company.add("course_id", own.id, theirs.id, draft.id, own_draft.id)
    for name in ("employee", "manager", "stranger"):
        await enroll(session, person_id=people[name].id, course_id=own.id)
    await enroll(session, person_id=people["stranger"].id, course_id=theirs.id)
    for course in (own, theirs):
        await _finish(session, people["stranger"], course)
    await record_progress(
        session,
        person_id=people["employee"].id,
        sent=ProgressIn(course_id=own.id, module_id=(await modules_of(session, own))[0].id, percent=40),
    )
    company.add("enrollment_id", *await session.scalars(select(Enrollment.id)))
    company.add("module_id", *await session.scalars(select(Module.id)))
    company.add("question_id", *await session.scalars(select(Question.id)))
    company.add("choice_ids", *await session.scalars(select(Choice.id)))
    stranger = people["stranger"].id
    codes = list(await session.scalars(select(Certificate.code)))
    theirs_of = select(Enrollment.id, Enrollment.course_id).where(Enrollment.person_id == stranger)
    enrollments = {str(row.course_id): str(row.id) for row in await session.execute(theirs_of)}
    steps = {course.id: str((await modules_of(session, course))[0].id) for course in (own, theirs, draft)}
    company.code = codes[0]
    company.own = {"course_id": str(own.id), "module_id": steps[own.id], "emails": str(people["hr_data"].email)}
    found = await session.execute(select(CourseVersion.course_id, CourseVersion.id))
    versions = {row.course_id: str(row.id) for row in found}
    company.draft = {"version_id": versions[draft.id], "course_id": str(draft.id), "module_id": steps[draft.id]}
    company.finished = {"version_id": versions[theirs.id], "course_id": str(theirs.id), "module_id": steps[theirs.id]}
    written = await _write(session, stranger, theirs.id, steps[theirs.id])
    for ids in (company.draft, company.finished):
        ids.update(dict.fromkeys(("from", "to"), ids["version_id"]))
        ids.update(written, person_id=str(stranger), enrollment_id=enrollments[str(theirs.id)], id=str(new_id()))
    said = ("A secret draft.", A_NOTE, A_DUTY, A_SCHEDULE)
    company.secrets = [str(stranger), str(draft.id), *said, *enrollments.values(), *codes]


async def _write(session: AsyncSession, stranger: uuid.UUID, course_id: uuid.UUID, module_id: str) -> dict[str, str]:
    """A note of theirs, a bookmark, and a comment that all who learn the course read."""
    note = NoteIn(id=new_id(), module_id=module_id, text=A_NOTE)
    said = CommentIn(id=new_id(), module_id=module_id, text="Who else?")
    await keep_note(session, person_id=stranger, given=note)
    await set_bookmark(session, person_id=stranger, given=BookmarkIn(course_id=course_id, module_id=module_id))
    await say(session, person_id=stranger, given=said)
    told = Notification(
        person_id=stranger,
        kind="overdue",
        subject="x",
        facts={"title": A_DUTY, "course_id": str(course_id)},
        occurred_at=datetime.now(UTC),
    )
    roles = ["employee", "manager"]
    run = ReportRun(account_id=stranger, roles=roles, client_id="praxis", question={"courses": [str(course_id)]})
    schedule = ReportSchedule(
        account_id=stranger,
        roles=roles,
        name=A_SCHEDULE,
        question={},
        every="daily",
        at=time(7),
        time_zone="UTC",
        recipients=[stranger],
        targets=[],
    )
    session.add_all([told, run, schedule])
    await session.flush()
    ids = {"note_id": note.id, "comment_id": said.id, "ids": told.id, "notification_id": told.id}
    ids |= {"report_id": run.id, "schedule_id": schedule.id}
    return {name: str(value) for name, value in ids.items()}


def _text(position: int, body: str = "A stranger's words.") -> Module:
    return Module(position=position, kind="text", title="Read this", duration_s=60, body=body)


async def _finish(session: AsyncSession, person: Person, course: Course) -> None:
    reading, quiz = await modules_of(session, course)
    question = await session.scalar(select(Question).where(Question.module_id == quiz.id))
    right = await session.scalar(select(Choice).where(Choice.question_id == question.id, Choice.is_correct))
    attempt = AttemptIn(id=uuid.uuid4(), answers=[AnswerIn(question_id=question.id, choice_ids=[right.id])])
    for module, tried in ((reading, None), (quiz, attempt)):
        sent = ProgressIn(course_id=course.id, module_id=module.id, percent=100, attempt=tried)
        await record_progress(session, person_id=person.id, sent=sent)


async def _media(session: AsyncSession, company: Company) -> None:
    file = company.settings.home / "film.mp4"
    file.write_bytes(bytes(range(256)) * 4)
    media = await store(session, company.settings, path=Path(file), content_type="video/mp4")
    link = urlsplit(signed_path(company.settings, ensure_media_key(company.settings), media.object))
    query: dict[str, Any] = {name: values[0] for name, values in parse_qs(link.query).items()}
    company.media = {"sha256": media.object.sha256, **query}
    company.add("media_id", media.id)
    theirs = MediaAsset(
        owner_id=company.accounts["stranger"],
        kind="video",
        file_name="A stranger's film.mp4",
        content_type="video/mp4",
        size_bytes=media.size_bytes,
        status="ready",
        object=media.object,
    )
    session.add(theirs)
    await session.flush()
    for ids in (company.draft, company.finished):
        ids.update(dict.fromkeys(("asset_id", "media_id", "cover_id", "cursor", "upload_id"), str(theirs.id)))
    company.secrets.append(theirs.file_name)
