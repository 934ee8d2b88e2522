"""Reports that come by themselves: each reader's own file, once a due time, tried again, and told of when it fails."""

import csv
import io
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine, make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.notifications.unsubscribe import Wish, end_mails
from api.reports import making
from api.reports.schedule_runs import Undelivered, is_due, run_round
from api.reports.schedule_targets import Target
from tests.api.notifications.sink import Sink, part, sink
from tests.factories import make_org_unit, make_person
from tests.marts import marts

DAILY = {"name": "Each morning", "question": {}, "every": "daily", "at": "07:00", "time_zone": "UTC"}


@pytest.fixture(scope="module")
async def people(settings: Settings, database_url: str) -> dict[str, uuid.UUID]:
    """Boss over Lead over Ann; Bob is Boss' own; Other is nobody's. Every one of them must do one course."""
    engine = make_engine(database_url, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        unit = await make_org_unit(session, "Plant")
        boss = await make_person(session, "Boss", org_unit=unit, roles=("officer",))
        lead = await make_person(session, "Lead", manager=boss, org_unit=unit)
        found = {"Boss": boss.id, "Lead": lead.id}
        for name, manager in (("Ann", lead), ("Bob", boss), ("Other", None)):
            found[name] = (await make_person(session, name, manager=manager, org_unit=unit)).id
        await session.commit()
    await engine.dispose()
    with marts(settings) as duck:
        duck.execute(
            "create table obligations (person_id varchar, course_id varchar, course_title varchar,"
            " progress_percent integer, assigned_on date, due_on date, completed_at timestamptz)"
        )
        for one in found.values():
            row = [str(one), str(uuid.UUID(int=1)), "Safety", 20, date(2026, 1, 1), date(2026, 2, 1), None]
            duck.execute("insert into obligations values (?, ?, ?, ?, ?, ?, ?)", row)
    (settings.home / "report-targets.yml").write_text(
        "bi-team: {title: SFTP of the BI team, kind: sftp}\nplant: {kind: s3, roles: [manager]}\n"
    )
    return found


@pytest.fixture
def mail() -> Iterator[Sink]:
    with sink() as found:
        yield found


@dataclass
class World:
    api: httpx.AsyncClient
    context: Context
    headers: Callable[..., dict[str, str]]
    people: dict[str, uuid.UUID]
    dropped: list[tuple[str, str, list[str]]] = field(default_factory=list)
    refusal: str | None = None

    async def ask(self, method: str, path: str, who: str = "Boss", **body: Any) -> httpx.Response:
        roles = ("employee", "manager", *(["officer"] if who == "Boss" else []))
        return await self.api.request(method, path, json=body or None, headers=self.headers(self.people[who], *roles))

    async def made(self, who: str = "Boss", **changes: Any) -> dict[str, Any]:
        recipients = [str(self.people[name]) for name in changes.pop("recipients", [])]
        answer = await self.ask("POST", "/report-schedules", who, **{**DAILY, "recipients": recipients, **changes})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def shown(self, schedule: dict[str, Any], who: str = "Boss") -> dict[str, Any]:
        return dict((await self.ask("GET", f"/report-schedules/{schedule['id']}", who)).json())

    async def round(self, now: datetime) -> dict[str, int]:
        """One as the pipelines make it, and one more once the worker has made what was ordered."""
        engine, sessions = self.context.engine, self.context.sessions
        did = await run_round(self.context.settings, engine, sessions, self._drop, now=now)
        if did.get("ordered"):
            async with sessions() as session:
                asked = "select id from report_run where state = 'waiting'"
                runs = list((await session.execute(text(asked))).scalars())
            for run in runs:
                await making.make(self.context, run)
            later = await run_round(self.context.settings, engine, sessions, self._drop, now=now)
            did = {name: did.get(name, 0) + later.get(name, 0) for name in {*did, *later}}
        return did

    def _drop(self, target: Target, path: Path, name: str) -> None:
        if self.refusal:
            raise Undelivered(self.refusal)
        self.dropped.append((target.name, name, named(path.read_bytes())))

    async def notices(self, name: str) -> list[dict[str, Any]]:
        async with self.context.sessions() as session:
            asked = text("select kind, facts, mail from notification where person_id = :id order by id")
            return [dict(row) for row in (await session.execute(asked, {"id": self.people[name]})).mappings()]


def named(content: bytes) -> list[str]:
    """People of a CSV."""
    return sorted(row[0] for row in list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:])


def attached(sent: Any) -> tuple[str, list[str]]:
    (found,) = sent.iter_attachments()
    content = found.get_payload(decode=True)
    return found.get_filename(), named(content)


@pytest.fixture
async def world(
    api: httpx.AsyncClient,
    settings: Settings,
    people: dict[str, uuid.UUID],
    token_for: Callable[..., dict[str, str]],
    mail: Sink,
) -> AsyncIterator[World]:
    engine = make_engine(settings.database_url, pool_size=4)
    reached = settings.model_copy(update={"smtp_url": mail.url})
    yield World(api, Context(reached, make_sessions(engine)), token_for, people)
    async with engine.begin() as connection:
        for table in ("report_schedule", "notification", "notification_choice"):
            await connection.execute(text(f"delete from {table}"))
    await engine.dispose()


async def test_each_reader_gets_a_file_of_whom_they_themselves_see_once_a_due_time(world: World, mail: Sink) -> None:
    made = await world.made(recipients=["Lead", "Boss"], targets=["bi-team", "plant"])
    due = datetime.fromisoformat(made["next_at"])
    assert (due.hour, due.minute, due > datetime.now(UTC)) == (7, 0, True)
    assert await world.round(due - timedelta(seconds=1)) == {}
    async with world.context.sessions() as session:
        assert not await is_due(session, now=due - timedelta(seconds=1))
        assert await is_due(session, now=due)
    did = await world.round(due)
    assert did == {"started": 1, "ordered": 4, "sent": 4}
    assert await world.round(due) == {}, "and nothing twice"
    sent = {one["To"].addresses[0].display_name: one for one in mail.kept}
    assert set(sent) == {"Lead", "Boss"}
    assert attached(sent["Lead"])[1] == ["Ann"]
    everybody = ["Ann", "Bob", "Boss", "Lead", "Other"]
    assert attached(sent["Boss"])[1] == everybody, "an officer sees all"
    assert "Boss has it sent to you." in part(sent["Lead"], "text/plain")
    assert "Boss has it" not in part(sent["Boss"], "text/plain")
    name = f"each-morning-{due:%Y-%m-%dT%H%MZ}-{made['id'][-8:]}.csv"
    assert sorted(world.dropped) == [("bi-team", name, everybody), ("plant", name, everybody)]
    now = await world.shown(made)
    assert datetime.fromisoformat(now["next_at"]) == due + timedelta(days=1)
    assert {one["to"]: one["state"] for one in now["last"]["deliveries"]} == dict.fromkeys(
        ("Lead", "Boss", "bi-team", "plant"), "sent"
    )
    (notice,) = await world.notices("Lead")
    assert (notice["kind"], notice["mail"], notice["facts"]["rows"]) == ("scheduled_report", "sent", 1)


async def test_what_was_missed_while_everything_was_down_is_sent_once(world: World, mail: Sink) -> None:
    made = await world.made()
    late = datetime.fromisoformat(made["next_at"]) + timedelta(days=5, hours=3)
    assert (await world.round(late))["sent"] == 1
    assert (len(mail.kept), await world.round(late)) == (1, {})
    assert datetime.fromisoformat((await world.shown(made))["next_at"]) == late.replace(hour=7) + timedelta(days=1)


async def test_what_fails_is_tried_again_and_its_owner_told_once_it_is_given_up(world: World, mail: Sink) -> None:
    made = await world.made("Lead", targets=["plant"], recipients=["Lead"])
    now = datetime.fromisoformat(made["next_at"])
    world.refusal, mail.answers = "S3 bucket/: access denied", ["451 later"]
    assert (await world.round(now))["again"] == 2
    waiting = (await world.shown(made, "Lead"))["last"]["deliveries"]
    assert [(one["state"], one["attempts"]) for one in waiting] == [("waiting", 1)] * 2
    assert {one["problem"] for one in waiting} == {"451 later", "S3 bucket/: access denied"}
    assert await world.round(now) == {}, "not at once"
    for minutes in (1, 5, 20, 60, 240):
        now += timedelta(minutes=minutes)
        did = await world.round(now)
    assert did == {"failed": 1}
    states = {one["to"]: one["state"] for one in (await world.shown(made, "Lead"))["last"]["deliveries"]}
    assert states == {"Lead": "sent", "plant": "failed"}
    assert len(mail.kept) == 1
    told = [one for one in await world.notices("Lead") if one["kind"] == "report_failed"]
    assert [(one["facts"]["to"], one["facts"]["says"]) for one in told] == [("plant", "S3 bucket/: access denied")]


async def test_nobody_is_sent_anything_of_whom_the_owner_may_see_no_longer_or_who_wants_no_such_mail(
    world: World, mail: Sink, committed: AsyncSession
) -> None:
    made = await world.made("Lead", recipients=["Ann", "Lead"])
    async with world.context.sessions.begin() as session:
        await end_mails(session, Wish(world.people["Lead"], "scheduled_report"))
        away = "update employment_version v set manager_id = null from employment e where e.id = v.employment_id"
        await session.execute(text(f"{away} and e.person_id = :id"), {"id": world.people["Ann"]})
    try:
        seen = await world.shown(made, "Lead")
        assert [one["name"] for one in seen["recipients"]] == ["Lead"]
        did = await world.round(datetime.fromisoformat(made["next_at"]))
        assert did["started"] == 1 and "sent" not in did
        assert not mail.kept
    finally:
        async with world.context.sessions.begin() as session:
            back = "update employment_version v set manager_id = :lead from employment e where e.id = v.employment_id"
            ids = {"id": world.people["Ann"], "lead": world.people["Lead"]}
            await session.execute(text(f"{back} and e.person_id = :id"), ids)


async def test_a_large_file_is_not_attached_and_the_mail_says_where_it_is(world: World, mail: Sink) -> None:
    world.context.settings.report_attachment_mb = 0
    made = await world.made()
    await world.round(datetime.fromisoformat(made["next_at"]))
    (sent,) = mail.kept
    assert not list(sent.iter_attachments())
    assert "The file is on your page of reports" in part(sent, "text/plain")


async def test_a_schedule_is_its_owners_and_goes_only_where_they_may_send(world: World) -> None:
    made = await world.made("Lead", name="Mine")
    assert (await world.made("Lead", name="Mine"))["id"] == made["id"], "the same again"
    path = f"/report-schedules/{made['id']}"
    wanted = {**DAILY, "name": "Mine", "recipients": [str(world.people["Lead"])]}
    for name, body, why in (
        ("POST", {**wanted, "at": "08:00"}, "You have a schedule of this name"),
        ("PUT", {**wanted, "recipients": [str(world.people["Other"])]}, "It can't be sent there"),
        ("PUT", {**wanted, "targets": ["bi-team"]}, "It can't be sent there"),
        ("PUT", {**wanted, "targets": ["sftp://evil.example/"]}, "It can't be sent there"),
        ("PUT", {**wanted, "every": "monthly"}, "The request is not valid"),
        ("PUT", {**wanted, "time_zone": "Mars/Base"}, "The request is not valid"),
        ("PUT", {**wanted, "question": {"snapshot": 3}}, "The request is not valid"),
    ):
        answer = await world.ask(name, "/report-schedules" if name == "POST" else path, "Lead", **body)
        assert answer.json()["title"] == why, (name, body, answer.text)
    for method, at, body in (("GET", path, {}), ("PUT", path, wanted), ("PUT", f"{path}/pause", {"is_paused": True})):
        assert (await world.ask(method, at, "Boss", **body)).status_code == 404
    assert (await world.ask("DELETE", path, "Boss")).status_code == 204
    targets = {who: (await world.ask("GET", "/report-targets", who)).json()["items"] for who in ("Lead", "Boss")}
    assert targets["Lead"] == [{"name": "plant", "title": "plant"}]
    assert [one["name"] for one in targets["Boss"]] == ["bi-team", "plant"]
    changed = await world.ask("PUT", path, "Lead", **{**wanted, "every": "monthly", "day": 31, "at": "18:30"})
    assert (changed.json()["day"], changed.json()["at"]) == (31, "18:30")
    paused = (await world.ask("PUT", f"{path}/pause", "Lead", is_paused=True)).json()
    assert (paused["is_paused"], paused["next_at"]) == (True, None)
    assert await world.round(datetime.now(UTC) + timedelta(days=60)) == {}
    going = (await world.ask("PUT", f"{path}/pause", "Lead", is_paused=False)).json()
    assert datetime.fromisoformat(going["next_at"]) > datetime.now(UTC)
    for _ in range(2):
        assert (await world.ask("DELETE", path, "Lead")).status_code == 204
    assert (await world.ask("GET", "/report-schedules", "Lead")).json() == {"items": []}
