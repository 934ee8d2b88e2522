"""Paths with people on them, a course that is full and one that managers approve; all through the services."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.identity import service as identity
from api.identity.rules import WEB, Principal
from api.learning.history import History
from api.learning.limits import change_settings
from api.learning.request_schemas import CourseSettingsIn
from api.learning.service import enroll
from api.paths.authoring import create_path, publish_path
from api.paths.schemas import ItemIn, PathIn
from api.paths.service import enroll_path
from data.demo.accounts import SignIn
from data.demo.changes import Workforce
from data.demo.company import CONTENT, read_yaml
from data.demo.directory import Directory

ADDED = text(
    """
    select (select count(*) from enrollment where id > :first) as enrollments,
        (select count(*) from certificate where id > :first) as certificates,
        (select count(*) from event where id > :first and type like 'learning.%') as events
    """
)


@dataclass(slots=True)
class Paths:
    """What it needs of the company that was just loaded."""

    session: AsyncSession
    workforce: Workforce
    directory: Directory
    owners: dict[str, uuid.UUID]
    history: History
    anchor: date

    async def write(self, sign_ins: list[SignIn]) -> dict[str, int]:
        """How many enrollments, certificates and events came of it."""
        first, told = new_id(), read_yaml(CONTENT / "paths.yml")
        await self._limits(told["full"], told["approved"], sign_ins)
        for one in told["paths"]:
            await self._path(one, sign_ins)
        return dict((await self.session.execute(ADDED, {"first": first})).one()._mapping)

    async def _path(self, one: dict[str, Any], sign_ins: list[SignIn]) -> None:
        """The employee to sign in as is on each; the others are whoever began its first courses lately."""
        who = await self._as(one["owner"])
        ids = {key: self.directory.courses[key].id for key in one["courses"]}
        items = [ItemIn(course_id=course, is_required=key not in one["optional"]) for key, course in ids.items()]
        fields = {name: one[name] for name in ("title", "summary", "description", "is_ordered")}
        path, _ = await create_path(self.session, who, given=PathIn(**fields, items=items))
        await publish_path(self.session, who, path_id=path.id)
        begun = [row[1] for row in reversed(self.history.enrollments) if row[2] == items[0].course_id]
        people = [*self._signed_in("employee", sign_ins), *(one for one in begun if one in self._here())]
        for person in list(dict.fromkeys(people))[: one["people"]]:
            await enroll_path(self.session, person_id=person, path_id=path.id, now=self._moment(9))

    async def _limits(self, full: dict[str, Any], approved: dict[str, Any], sign_ins: list[SignIn]) -> None:
        now = self._moment(100)
        course, who = self.directory.courses[full["course"]].id, await self._as(full["owner"])
        told = await change_settings(self.session, who, given=CourseSettingsIn(course_id=course), now=now)
        given = CourseSettingsIn(course_id=course, capacity=max(1, told["seats_taken"]))
        await change_settings(self.session, who, given=given, now=now)
        await self._ask(course, self._new_to(course), full["waiting"])
        course, who = self.directory.courses[approved["course"]].id, await self._as(approved["owner"])
        given = CourseSettingsIn(course_id=course, needs_approval=True)
        await change_settings(self.session, who, given=given, now=now)
        manager = next(one for one in sign_ins if one.role == "manager")
        seat = next(seat for seat in self.workforce.active() if seat.email == manager.email)
        team = {self.directory.people[one.number] for one in self.workforce.active() if one.manager == seat.number}
        await self._ask(course, (one for one in self._new_to(course) if one in team), approved["asking"])

    async def _ask(self, course_id: uuid.UUID, people: Iterator[uuid.UUID], count: int) -> None:
        for n, person in zip(range(count), people, strict=False):
            await enroll(self.session, person_id=person, course_id=course_id, now=self._moment(80 - 11 * n))

    def _new_to(self, course_id: uuid.UUID) -> Iterator[uuid.UUID]:
        """Who works here and was never enrolled in it."""
        known = {row[1] for row in self.history.enrollments if row[2] == course_id}
        return (one for one in self._here() if one not in known)

    def _here(self) -> dict[uuid.UUID, None]:
        return dict.fromkeys(self.directory.people[seat.number] for seat in self.workforce.active())

    def _signed_in(self, role: str, sign_ins: list[SignIn]) -> list[uuid.UUID]:
        emails = {one.email for one in sign_ins if one.role == role}
        return [self.directory.people[seat.number] for seat in self.workforce.active() if seat.email in emails]

    def _moment(self, hours: int) -> datetime:
        """So many hours before the start of the day that is today."""
        return datetime.combine(self.anchor, time(), UTC) - timedelta(hours=hours)

    async def _as(self, owner: str) -> Principal:
        account = await identity.account_of(self.session, self.owners[owner])
        assert account is not None
        roles = frozenset({"creator"})
        return Principal(account.id, self.owners[owner], roles, frozenset({"courses"}), WEB)
