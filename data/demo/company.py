"""What `content/company.yml` says: units, countries, requirements, and the numbers that shape the story."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).parent / "content"
FILES = Path(__file__).parent / "files"
SEED = 20_260_701


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    parent: str | None
    countries: list[str]
    level: int
    layers: list[tuple[list[str], int]]
    """(titles, head count) from the head of the unit downwards."""
    has_shifts: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A course that became mandatory `days_ago`; unit and country None mean everyone."""

    course: str
    days_ago: int
    due_within_days: int
    unit: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str
    countries: dict[str, dict[str, str]]
    units: dict[str, Unit]
    creators: dict[str, dict[str, str]]
    duties: list[dict[str, str]]
    auditor: dict[str, str]
    rules: list[Rule]
    diligence: dict[str, float]
    interests: dict[str, dict[str, float]]

    def units_above(self, code: str) -> set[str]:
        """The unit itself and all that contain it."""
        found: set[str] = set()
        at: str | None = code
        while at:
            found.add(at)
            at = self.units[at].parent
        return found


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_bytes(), yaml.CSafeLoader)


def _unit(raw: dict[str, Any]) -> Unit:
    layers = [(titles if isinstance(titles, list) else [titles], count) for titles, count in raw["layers"]]
    shifts = raw.get("shifts", False)
    return Unit(raw["code"], raw["name"], raw.get("parent"), raw["countries"], raw["level"], layers, shifts)


@functools.cache
def company() -> Company:
    raw = read_yaml(CONTENT / "company.yml")
    return Company(
        name=raw["name"],
        domain=raw["domain"],
        countries=raw["countries"],
        units={unit["code"]: _unit(unit) for unit in raw["units"]},
        creators=raw["creators"],
        duties=raw["duties"],
        auditor=raw["auditor"],
        rules=[Rule(**rule) for rule in raw["requirements"]],
        diligence=raw["diligence"],
        interests=raw["interests"],
    )
