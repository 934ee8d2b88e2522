"""A course in two versions and who does what in it: written over HTTP, learned at moments of the test's choosing."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.learning.quiz_schemas import AnswerIn, AttemptIn
from api.learning.schemas import ProgressIn
from api.learning.service import enroll, record_progress
from api.media.models import MediaAsset
from tests.factories import make_org_unit, make_person

PLAYED = text(
    """
    insert into playback (enrollment_id, stem_id, file_id, covered, updated_at)
    select :e, stem_id, media_id, nummultirange(numrange(0, cast(cast(:s as float8) as numeric))), now()
    from module where id = cast(cast(:m as text) as uuid)
    on conflict (enrollment_id, stem_id, file_id) do update set covered = playback.covered + excluded.covered
    """
)
"""A film from its beginning on."""

JANUARY, MARCH = datetime(2026, 1, 10, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)
RIGHT, WRONG = "Right", "Wrong"
PLANT, OFFICE, LAB = "Ann Bob Cem Dan Eve Finn", "Olga Otto Oskar", "Lars Liv Leo Lea Lena"


def quiz(*prompts: str) -> dict[str, Any]:
    choices = [{"label": WRONG}, {"label": RIGHT, "is_correct": True}]
    questions = [{"prompt": prompt, "choices": choices} for prompt in prompts]
    return {"kind": "quiz", "title": "Quiz", "questions": questions}


@dataclass
class Course:
    """The course as its author writes it over HTTP, and as its learners go through it at moments of the test's."""

    api: httpx.AsyncClient
    session: AsyncSession
    token_for: Callable[..., dict[str, str]]
    author: dict[str, str] = field(default_factory=dict)
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    id: str = ""
    enrollments: dict[str, Any] = field(default_factory=dict)
    content: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def sent(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Any:
        answer = await self.api.request(method, path, headers=headers, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def settle(self) -> None:
        author = await make_person(self.session, "Author", roles=("creator",))
        asset = MediaAsset(
            owner_id=author.id,
            kind="video",
            file_name="film.mp4",
            content_type="video/mp4",
            size_bytes=1,
            status="ready",
            duration_s=20,
        )
        self.session.add(asset)
        for unit_name, country, names in (("Plant", "DE", PLANT), ("Office", "PL", OFFICE), ("Lab", "DE", LAB)):
            unit = await make_org_unit(self.session, unit_name)
            self.units[unit_name] = str(unit.id)
            for name in names.split():
                person = await make_person(self.session, name, org_unit=unit, country=country)
                self.people[name] = person.id
        await self.session.commit()
        self.author = self.token_for(author.id, "employee", "creator")
        film = {"kind": "video", "title": "Film", "duration_s": 20, "media_id": str(asset.id)}
        reading = {"kind": "text", "title": "Reading", "body": "Read."}
        draft = {"title": "Fire", "summary": "Fire.", "category": "Safety", "difficulty": "beginner"}
        modules = [film, reading, quiz("First?", "Second?")]
        created = await self.sent("POST", "/create-course", self.author, json={**draft, "modules": modules})
        self.id = created["course_id"]
        await self.sent("POST", "/publish-course", self.author, json={"course_id": self.id})

    async def next_version(self) -> None:
        """The second question is edited, so it is another item; all else is as it was."""
        await self.sent("POST", "/course-drafts", self.author, json={"course_id": self.id})
        shown = await self.api.get("/course-draft", params={"course_id": self.id}, headers=self.author)
        draft = shown.json()
        draft["modules"][2]["questions"][1]["prompt"] = "Second, asked better?"
        etag = {"If-Match": shown.headers["etag"]}
        await self.sent("PUT", "/update-course", self.author | etag, json=draft)
        await self.sent("POST", "/publish-course", self.author, json={"course_id": self.id, "learners": "stay"})

    async def enroll(self, names: str, moment: datetime) -> None:
        for name in names.split():
            person = self.people[name]
            enrollment, _ = await enroll(self.session, person_id=person, course_id=uuid.UUID(self.id), now=moment)
            self.enrollments[name] = enrollment
            await self.session.commit()
            shown = await self.sent("GET", "/course-content", self.token_for(person), params={"course_id": self.id})
            self.content[name] = shown["modules"]

    async def does(self, name: str, module: int, moment: datetime, **sent: Any) -> None:
        step = self.content[name][module]
        if step["kind"] == "video":  # its percent is what was played, never what is said
            seconds = step["duration_s"] * sent.get("percent", 0) / 100
            await self.session.execute(PLAYED, {"e": self.enrollments[name].id, "m": step["id"], "s": seconds})
        told = ProgressIn(course_id=self.id, module_id=step["id"], occurred_at=moment, **sent)
        await record_progress(self.session, person_id=self.people[name], sent=told, now=moment)
        await self.session.commit()

    async def reads(self, names: str, moment: datetime, *, until: int = 2) -> None:
        """The first modules to their end."""
        for name in names.split():
            for module in range(until):
                await self.does(name, module, moment, percent=100)

    async def answers(self, name: str, given: str, moment: datetime, **first: Any) -> None:
        """`given` is R or W a question; `first` the first choice (R, W) and the seconds of the first question."""
        answers = []
        for question, letter in zip(self.content[name][2]["questions"], given, strict=True):
            ids = {choice["label"][0]: choice["id"] for choice in question["choices"]}
            answer: dict[str, Any] = {"question_id": question["id"], "choice_ids": [ids[letter]]}
            if first and not answers:
                answer |= {"first_choice_ids": [ids[first["choice"]]], "duration_s": first["seconds"]}
            answers.append(AnswerIn.model_validate(answer))
        await self.does(name, 2, moment, attempt=AttemptIn(id=uuid.uuid4(), answers=answers))

    async def plays(self, name: str, *stretches: tuple[int, int]) -> None:
        sent = [
            {
                "id": str(uuid.uuid4()),
                "kind": "video_played",
                "enrollment_id": str(self.enrollments[name].id),
                "module_id": self.content[name][0]["id"],
                "occurred_at": datetime.now(UTC).isoformat(),
                "from_s": start,
                "to_s": end,
                "rate": 1,
            }
            for start, end in stretches
        ]
        await self.sent("POST", "/engagement", self.token_for(self.people[name]), json={"events": sent})

    async def rates(self, name: str, stars: int, comment: str = "") -> None:
        body = {"course_id": self.id, "stars": stars, "comment": comment}
        await self.sent("PUT", "/course-ratings", self.token_for(self.people[name]), json=body)

    async def move(self, name: str, moment: datetime, *redo: int) -> None:
        """To the current version, where these modules are to be done again."""
        enrollment = self.enrollments[name]
        found = await self.session.execute(
            text("select current_version_id::text from course where id = :id"), {"id": self.id}
        )
        stems = text("select stem_id::text from module where id = any(:ids)")
        again = [uuid.UUID(self.content[name][module]["id"]) for module in redo]
        payload = {
            "enrollment_id": str(enrollment.id),
            "course_id": self.id,
            "from_version_id": str(enrollment.version_id),
            "version_id": found.scalar_one(),
            "redo_stem_ids": list((await self.session.execute(stems, {"ids": again})).scalars()),
        }
        person = self.people[name]
        kind = "learning.moved_to_version"
        await events.record(self.session, kind, subject_id=person, actor_id=None, payload=payload, occurred_at=moment)
        await self.session.commit()


async def first_version(course: Course) -> None:
    await course.enroll(f"{PLANT} {OFFICE}", JANUARY)
    await course.reads("Ann Bob Cem Olga Oskar", JANUARY + timedelta(hours=1))
    await course.reads("Dan", JANUARY + timedelta(hours=1), until=1)
    await course.does("Eve", 0, JANUARY + timedelta(hours=1), percent=50)
    for name, given, after, first in (
        ("Ann", "RR", 2, {"choice": "W", "seconds": 10}),
        ("Bob", "RW", 2, {"choice": "R", "seconds": 20}),
        ("Cem", "WW", 2, {"choice": "R", "seconds": 30}),
        ("Olga", "RR", 1, {"choice": "R", "seconds": 40}),
        ("Oskar", "WR", 3, {}),
        ("Bob", "RR", 3, {}),
    ):
        await course.answers(name, given, JANUARY + timedelta(days=after), **first)
    for name, *stretches in (
        ("Ann", (0, 20)), ("Bob", (0, 20), (5, 10)), ("Cem", (0, 10)), ("Dan", (0, 20))
    ):  # fmt: skip
        await course.plays(name, *stretches)
    await course.rates("Ann", 1)
    await course.rates("Ann", 5, "=cmd|' /C calc'!A0 is what I learned")
    await course.rates("Bob", 3)


async def second_version(course: Course) -> None:
    await course.next_version()
    await course.enroll(LAB, MARCH)
    await course.reads("Lars Liv Leo", MARCH + timedelta(hours=1))
    await course.reads("Lea", MARCH + timedelta(hours=1), until=1)
    for name, given, after in (("Lars", "RR", 1), ("Liv", "RR", 2), ("Leo", "WR", 2)):
        await course.answers(name, given, MARCH + timedelta(days=after))
    await course.plays("Lars", (0, 20))
    await course.plays("Liv", (0, 5))
    await course.rates("Lars", 4)
    await course.move("Finn", MARCH + timedelta(days=3))
    await course.move("Dan", MARCH + timedelta(days=3), 0)
