"""BambooHR: a completion is a training record with its hours.

Wire shape (documentation.bamboohr.com: create-employee-training-record, list-employee-trainings, list-training-types):
`POST /api/v1/training/record/employee/{id}` with `{"type", "completed", "hours", "notes"}`; `GET` of the same answers
`{"21": {"id": "21", …}}`, an empty list for none; a training type is named by its course, and made where there is
none. Our key stands in the notes: of a record that was perhaps sent before, BambooHR is asked first.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from api.compliance.service import Answer, Due
from pipelines.hr.connectors.asking import Asker, Declined
from pipelines.hr.connectors.bamboohr import BambooOptions, asker_of
from pipelines.hr.connectors.base import Place
from pipelines.hr.write_back.base import Revoked, WriteOptions, one_by_one


class BambooWriteOptions(WriteOptions, BambooOptions):
    kind: str = "bamboohr"
    take: list[str] = ["completion", "revocation"]  # noqa: RUF012 (pydantic copies it)


class BambooTraining:
    Options: ClassVar[type[WriteOptions]] = BambooWriteOptions
    most: ClassVar[int] = 50

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def answers(self) -> list[Answer]:
        return []

    def send(self, records: Sequence[Due], earlier: Revoked) -> list[Answer]:
        with asker_of(self.options) as asker:
            types: dict[str, str] = {}
            return one_by_one(records, lambda one: self._sent(asker, types, one, earlier))

    def _sent(self, asker: Asker, types: dict[str, str], one: Due, earlier: Revoked) -> Answer:
        try:
            if one.kind == "revocation":
                return _deleted(asker, one, earlier.references.get(one.body["code"]))
            known = _known(asker, one) if one.attempts > 1 else None
            return Answer(one.key, "accepted", reference=known or _made(asker, types, one))
        except Declined as problem:
            if problem.status in (401, 403):
                raise
            return Answer(one.key, "refused", str(problem))


def _known(asker: Asker, one: Due) -> str | None:
    told = asker.get(f"api/v1/training/record/employee/{one.employee_number}") or {}
    records = told.values() if isinstance(told, dict) else told
    return next((str(record["id"]) for record in records if one.key in str(record.get("notes"))), None)


def _made(asker: Asker, types: dict[str, str], one: Due) -> str:
    if not types:
        told = asker.get("api/v1/training/type") or {}
        types.update({kind["name"]: str(kind["id"]) for kind in (told.values() if isinstance(told, dict) else told)})
    title = one.body["title"]
    if title not in types:
        types[title] = str(asker.ask("POST", "api/v1/training/type", json={"name": title, "required": False})["id"])
    given = {
        "type": int(types[title]),
        "completed": one.body["completed_on"],
        "hours": one.body["hours"],
        "notes": f"Praxis {one.key}",
    }
    made = asker.ask("POST", f"api/v1/training/record/employee/{one.employee_number}", json=given)
    return str(made["id"])


def _deleted(asker: Asker, one: Due, reference: str | None) -> Answer:
    """Deleted already is as good."""
    if reference is None:
        return Answer(one.key, "refused", "BambooHR has no training record of the completion that this revokes.")
    try:
        asker.ask("DELETE", f"api/v1/training/record/{reference}")
    except Declined as problem:
        if problem.status != 404:
            raise
    return Answer(one.key, "accepted", reference=reference)
