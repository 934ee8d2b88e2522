"""Whom a requirement is for, as a rule: units with all below, jobs, countries, days of hire; and, or, not.

`{}` is everybody. Every other rule says one thing: {"all": [..]}, {"any": [..]}, {"not": ..}, {"units": [..]},
{"jobs": [..]}, {"countries": [..]}, {"hired": {"from": .., "before": ..}}.
"""

import itertools
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

DEEPEST, MOST_PARTS = 5, 60

Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]


class Hired(BaseModel):
    """The first day of the employment: from this day on, and before that one."""

    model_config = ConfigDict(extra="forbid")

    from_: date | None = Field(None, alias="from")
    before: date | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Hired":
        if self.from_ is None and self.before is None:
            raise ValueError("Say `from`, `before` or both.")
        return self


class Audience(BaseModel):
    """Who is meant; exactly one field, or none for everybody."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"all": [{"countries": ["DE"]}, {"not": {"jobs": ["Cook"]}}]}]}
    )

    all_: list["Audience"] | None = Field(None, alias="all", min_length=1, max_length=20)
    any_: list["Audience"] | None = Field(None, alias="any", min_length=1, max_length=20)
    not_: "Audience | None" = Field(None, alias="not")
    units: list[uuid.UUID] | None = Field(None, min_length=1, max_length=200)
    jobs: list[Word] | None = Field(None, min_length=1, max_length=200)
    countries: list[Word] | None = Field(None, min_length=1, max_length=200)
    hired: Hired | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Audience":
        if len(said := self.model_fields_set) > 1:
            raise ValueError(f"Say one thing a rule; join {', '.join(sorted(said))} by `all` or `any`.")
        for name in said:
            if getattr(self, name) is None:
                raise ValueError("A rule that says nothing: leave it out.")
        if depth(self) > DEEPEST or sum(1 for _ in parts(self)) > MOST_PARTS:
            raise ValueError(f"Keep it to {DEEPEST} levels and {MOST_PARTS} parts: nobody could tell whom it means.")
        return self

    def stored(self) -> dict[str, Any]:
        """As JSON that this is read from again."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _below(rule: Audience) -> list[Audience]:
    return [*(rule.all_ or []), *(rule.any_ or []), *([rule.not_] if rule.not_ else [])]


def depth(rule: Audience) -> int:
    return 1 + max((depth(one) for one in _below(rule)), default=0)


def parts(rule: Audience) -> Iterator[Audience]:
    yield rule
    for one in _below(rule):
        yield from parts(one)


class Compiled:
    """Rules as one SQL condition each over a seat `s` (org_unit_id, job_title, country, started_on) and `climb`.

    Values are parameters, never text. What is not known of somebody is not so, also below a `not`.
    """

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._numbers = itertools.count()

    def _put(self, value: Any) -> str:
        name = f"rule_{next(self._numbers)}"
        self.parameters[name] = value
        return f":{name}"

    def condition(self, rule: Audience) -> str:
        if rule.all_:
            return "(" + " and ".join(self.condition(one) for one in rule.all_) + ")"
        if rule.any_:
            return "(" + " or ".join(self.condition(one) for one in rule.any_) + ")"
        if rule.not_:
            return f"(not {self.condition(rule.not_)})"
        if rule.units:
            units = self._put(rule.units)
            return f"s.org_unit_id in (select org_unit_id from climb where ancestor_id = any(cast({units} as uuid[])))"
        if rule.jobs:
            return f"coalesce(lower(s.job_title) = any(cast({self._put(_lower(rule.jobs))} as text[])), false)"
        if rule.countries:
            return f"coalesce(lower(s.country) = any(cast({self._put(_lower(rule.countries))} as text[])), false)"
        return self._hired(rule.hired) if rule.hired else "true"

    def _hired(self, hired: Hired) -> str:
        said = [("s.started_on >=", hired.from_), ("s.started_on <", hired.before)]
        return "(" + " and ".join(f"{how} cast({self._put(day)} as date)" for how, day in said if day) + ")"


def _lower(words: list[str]) -> list[str]:
    return [word.strip().lower() for word in words]
