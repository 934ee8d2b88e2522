"""What routes are asked with: ids of any person, unit and course of the company."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """The ids that requests are made of: any person, unit and course of the company."""

    people: list[str]
    emails: list[str]
    units: list[str]
    course: str
    module: str
    dice: random.Random

    def person(self) -> str:
        return self.dice.choice(self.people)


NOBODYS = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
"""An id of nothing."""

OF_BUNDLE = {"path": {"bundle": "0" * 64, "signed": "0-" + "0" * 64, "path": "master.m3u8"}}
Requests = Callable[[Asked], list[dict[str, Any]]]


def plain(_: Asked) -> list[dict[str, Any]]:
    return [{}]


def with_course(asked: Asked) -> list[dict[str, Any]]:
    return [{"params": {"course_id": asked.course}}]


def reports(asked: Asked) -> list[dict[str, Any]]:
    choices: list[dict[str, Any]] = [
        {},
        {"whose": "mine"},
        {"whose": "dotted"},
        {"unit": asked.dice.choice(asked.units)},
        {"direct_only": "true"},
        {"on_behalf_of": asked.person()},
        {"person_id": asked.person()},
    ]
    return [{"params": choice} for choice in choices]


def report_of_nobody(_: Asked) -> list[dict[str, Any]]:
    return [{"path": {"report_id": NOBODYS}, "params": {"expires": 0, "signature": "0"}}]


def schedule_for_somebody(asked: Asked) -> dict[str, Any]:
    recipients = asked.dice.sample(asked.people, 2)
    named = {"name": " ".join(["Daily", *(one[-4:] for one in recipients)]), "recipients": recipients}
    return {**named, "question": {}, "every": "daily", "at": "07:00"}


def schedule_of_nobody(_: Asked) -> list[dict[str, Any]]:
    told = {"name": "Daily", "question": {}, "every": "daily", "at": "07:00", "is_paused": True}
    return [{"path": {"schedule_id": NOBODYS}, "json": told}]


def compliance(asked: Asked) -> list[dict[str, Any]]:
    return [
        *reports(asked),
        {"params": {"format": "csv"}},
        {"params": {"as_of": "2025-06-30"}},
        {"params": {"format": "csv", "on_behalf_of": asked.person()}},
    ]


def course_figures(asked: Asked) -> list[dict[str, Any]]:
    course = {"course_id": asked.course}
    unit = asked.dice.choice(asked.units)
    return [{}, {"params": course}, {"params": {**course, "unit": unit}}, {"params": {**course, "country": "DE"}}]


def page_of_course(asked: Asked) -> list[dict[str, Any]]:
    return [{"path": {"course_id": asked.course, "module_id": asked.module, "bank_id": asked.course}}]


def path_of_nobody(_: Asked) -> list[dict[str, Any]]:
    return [{"path": {"path_id": NOBODYS, "what": "enroll"}}]


def path_of_person(asked: Asked) -> list[dict[str, Any]]:
    return [{"path": {"id": asked.person()}}]


def requirement_of_nobody(_: Asked) -> list[dict[str, Any]]:
    return [{"path": {"requirement_id": NOBODYS}, "json": {}}]


def waiver_of_nobody(_: Asked) -> list[dict[str, Any]]:
    return [{"path": {"waiver_id": NOBODYS}}]


def obligations_of_person(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"path": {"person_id": asked.person()}},
        {"path": {"person_id": asked.person()}, "params": {"valid_at": "2025-06-30"}},
    ]


def note_of_somebody(asked: Asked) -> list[dict[str, Any]]:
    return [{"path": {"note_id": asked.person()}, "json": {"text": "Mine."}}]


def comment_of_somebody(_: Asked) -> list[dict[str, Any]]:
    return [{"path": {"comment_id": NOBODYS}, "json": {"text": "Mine."}}]


def reminding(asked: Asked) -> list[dict[str, Any]]:
    return [{"json": {"items": [{"person_id": asked.person(), "course_id": asked.course}]}}]


def body(make: Callable[[Asked], dict[str, Any]]) -> Requests:
    return lambda asked: [{"json": make(asked)}]
