"""List Employees by cursor, change tracking, the table jobInfo; the key as the user of Basic."""

import base64
from urllib.parse import urlencode

from tests.pipelines.hr.fakes import CHANGED, MOVES, PEOPLE
from tests.pipelines.hr.vendor import Answer, Asked, Vendor

OPTIONS = {"page": 2}
MOMENT = "2026-11-28T06:00:00+00:00"
KEY = "Basic " + base64.b64encode(b"open sesame:x").decode()


def address(url: str) -> str:
    return url


def vendor(deleted: str = "", elsewhere: str = "", hidden: str = "photoUrl") -> Vendor:
    def answer(self: Vendor, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != KEY:
            return 401, None
        if asked.path == "/api/v1/employees":
            return 200, _page(asked, elsewhere or self.url, hidden)
        if asked.path == "/api/v1/employees/changed":
            changes = {CHANGED: "Updated"} | ({deleted: "Deleted"} if deleted else {})
            told = {n: {"id": n, "action": action, "lastChanged": MOMENT} for n, action in changes.items()}
            return 200, {"latest": MOMENT, "employees": told}
        assert asked.path == "/api/v1/employees/changed/tables/jobInfo"
        numbers = [p[0] for p in PEOPLE] if asked.query["since"].startswith("1900") else [CHANGED]
        return 200, {"table": "jobInfo", "employees": {n: {"lastChanged": MOMENT, "rows": _rows(n)} for n in numbers}}

    return Vendor(answer)


def _page(asked: Asked, url: str, hidden: str) -> dict:
    assert set(asked.query["fields"].split(",")) >= {"firstNameLastName", "workEmail", "hireDate", "terminationDate"}
    some = asked.query.get("filter[ids]", "1,2,3,4,5").split(",")
    people = [
        _employee(person) | {hidden: None, "_restrictedFields": [hidden]} for person in PEOPLE if person[0] in some
    ]
    start, size = int(asked.query.get("page[after]", 0)), int(asked.query["page[limit]"])
    following = urlencode({**asked.query, "page[after]": start + size})
    more = {"next": {"href": f"{url}/api/v1/employees?{following}"}} if start + size < len(people) else {}
    return {
        "data": people[start : start + size],
        "meta": {"total": len(people), "page": {}},
        "_links": {"self": {}, **more},
    }


def _employee(person: tuple) -> dict:
    number, first, last, _, _, manager, start, end = person
    return {
        "employeeId": number,
        "firstNameLastName": f"{first} {last}",
        "workEmail": f"{first.lower()}@bamboo.example",
        "hireDate": start,
        "terminationDate": end or "0000-00-00",
        "reportsToId": manager,
        "country": "Germany",
    }


def _rows(number: str) -> list[dict]:
    _, _, _, job, unit, _, start, _ = next(person for person in PEOPLE if person[0] == number)
    moves = reversed(MOVES.get(number, [(start, job)]))
    return [{"date": day, "jobTitle": title, "department": unit, "location": "Kiel"} for day, title in moves]
