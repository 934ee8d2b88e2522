"""The v1 API: a token for client id and secret, employees by offset, each attribute with label, value and type."""

from typing import Any

from tests.pipelines.hr.fakes import CHANGED, PEOPLE
from tests.pipelines.hr.vendor import Answer, Asked, Vendor

OPTIONS = {"page": 2, "client_id": "papi-praxis"}


def address(url: str) -> str:
    return url


def vendor() -> Vendor:
    return Vendor(answer, is_token=lambda asked: asked.path == "/v1/auth")


def answer(self: Vendor, asked: Asked) -> Answer:
    if asked.path == "/v1/auth":
        if asked.json() != {"client_id": "papi-praxis", "client_secret": "open sesame"}:
            return 403, {"success": False, "error": {"code": 0, "message": "Wrong credentials"}}
        return 200, {"success": True, "data": {"token": f"token-{self.generation}"}}
    if asked.headers.get("authorization") != self.bearer:
        return 401, {"success": False, "error": {"code": 0, "message": "Token expired"}}
    assert asked.path == "/v1/company/employees"
    people = [_employee(*person) for person in PEOPLE]
    if "updated_since" in asked.query:
        assert len(asked.query["updated_since"]) == len("2022-12-24T08:15:30")
        return 200, {"success": True, "data": [p for p in people if str(p["attributes"]["id"]["value"]) == CHANGED]}
    offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
    metadata = {"total_elements": len(people), "current_page": offset // limit, "total_pages": 3}
    return 200, {
        "success": True,
        "metadata": metadata,
        "offset": offset,
        "limit": limit,
        "data": people[offset : offset + limit],
    }


def _employee(number: str, first: str, last: str, job: str, unit: str, manager: Any, start: str, end: Any) -> dict:
    def attribute(value: Any, kind: str = "standard") -> dict:
        return {"label": "?", "value": value, "type": kind, "universal_id": None}

    boss = {"type": "Employee", "attributes": {"id": attribute(int(manager), "integer")}} if manager else None
    attributes = {
        "id": attribute(int(number), "integer"),
        "first_name": attribute(first),
        "last_name": attribute(last),
        "email": attribute(f"{first.lower()}@personio.example"),
        "status": attribute("inactive" if end else "active"),
        "position": attribute(job),
        "supervisor": attribute(boss),
        "hire_date": attribute(f"{start}T00:00:00+01:00", "date"),
        "last_working_day": attribute(end and f"{end}T00:00:00+01:00", "date"),
        "department": attribute({"type": "Department", "attributes": {"id": len(unit), "name": unit}}),
        "cost_centers": attribute([{"type": "CostCenter", "attributes": {"id": 8, "name": "C8", "percentage": 100}}]),
    }
    return {"type": "Employee", "attributes": attributes}
