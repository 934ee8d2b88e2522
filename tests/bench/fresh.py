"""How long after a learner's click the manager's next request has it: POST /progress to GET /team-progress.

python -m tests.bench.fresh [--quick]
"""

import asyncio
import statistics
import sys
import time
import uuid

import httpx
import psycopg2

from api.core.settings import Settings
from api.identity.tokens import operator_token
from data import demo
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.bench.place import install, line, machine, served

BELOW = """
select v.manager_id::text, e.person_id::text, en.course_id::text, m.id::text
from account a
join employment_version v on v.manager_id = a.person_id and v.superseded_at is null and v.valid_to is null
join employment e on e.id = v.employment_id and e.ended_on is null
join enrollment en on en.person_id = e.person_id and en.completed_at is null
join module m on m.version_id = en.version_id and m.kind = 'text'
left join module_progress mp on mp.enrollment_id = en.id and mp.module_id = m.id
where a.email = %s and coalesce(mp.percent, 0) < 20
limit 1
"""


def _below(settings: Settings, email: str) -> tuple[str, ...]:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(BELOW, (email,))
        return tuple(cursor.fetchall()[0])


def _client(settings: Settings, person_id: str) -> httpx.Client:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("select id::text from account where person_id = %s", (person_id,))
        account_id = uuid.UUID(cursor.fetchall()[0][0])
    token = operator_token(settings, account_id, ("employee", "manager"))
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{settings.api_port}", headers=headers, timeout=60)


def _rounds(settings: Settings, email: str, rounds: int) -> tuple[list[float], list[float], int]:
    """(click to seen, the report alone, people in the team), times in ms."""
    manager, learner, course_id, module_id = _below(settings, email)
    seen, alone = [], []
    with _client(settings, manager) as boss, _client(settings, learner) as employee:
        size = len(boss.get("/team-progress").json()["people"])
        for number in range(rounds):
            position = {"course_id": course_id, "module_id": module_id, "percent": 20 + number * 79 // rounds}
            began = time.perf_counter()
            wanted = employee.post("/progress", json=position).raise_for_status().json()["progress_percent"]
            query = {"person_id": learner, "course_id": course_id}
            asked = time.perf_counter()
            items = boss.get("/team-progress", params=query).raise_for_status().json()["items"]
            ended = time.perf_counter()
            assert items[0]["progress_percent"] == wanted, "the next request has it"
            seen.append(1000 * (ended - began))
            alone.append(1000 * (ended - asked))
    return seen, alone, size


def main() -> None:
    rounds = 20 if "--quick" in sys.argv else 200
    machine()
    with install() as settings:
        asyncio.run(demo.load(settings))
        export_events(settings)
        for _ in build(settings, "--quiet"):
            pass
        emails = {person.role: person.email for person in demo.sign_ins(settings)}
        with served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app"):
            for role in ("manager", "executive"):
                seen, alone, size = _rounds(settings, emails[role], rounds)
                cuts = statistics.quantiles(seen, n=100)
                figure = f"p50 {cuts[49]:.0f} ms  p99 {cuts[98]:.0f} ms"
                limit = f"the report alone p50 {statistics.median(alone):.0f} ms"
                line(f"click to seen, team of {size}", figure, limit, cuts[49] / statistics.median(alone))


if __name__ == "__main__":
    main()
