"""Who a visitor may sign in as: one person a role, each with something to see."""

import json
import secrets
from collections import defaultdict
from dataclasses import asdict, dataclass

from api.core.settings import Settings
from data.demo.changes import Workforce
from data.demo.company import Company
from data.demo.people import Seat

TEAM_SIZE = 40
WORDS = (
    "amber birch cedar delta ember fjord glade haven iris jolly"
    " karst larch maple north ocean pearl quiet river slate tidal"
)


@dataclass(frozen=True, slots=True)
class SignIn:
    role: str
    name: str
    email: str
    about: str


def sign_ins(settings: Settings) -> list[SignIn]:
    """As chosen when the demo company was loaded; empty where it was not."""
    path = settings.secrets_dir / "demo_sign_ins.json"
    return [SignIn(**one) for one in json.loads(path.read_text())] if path.exists() else []


def keep_sign_ins(settings: Settings, chosen: list[SignIn]) -> None:
    settings.secrets_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.secrets_dir / "demo_sign_ins.json"
    path.write_text(json.dumps([asdict(one) for one in chosen], ensure_ascii=False, indent=1))


def demo_password(settings: Settings) -> str:
    """The password of every demo account of this install: random once, easy to type."""
    path = settings.secrets_dir / "demo_password"
    if not path.exists():
        settings.secrets_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        words = [secrets.choice(WORDS.split()) for _ in range(4)]
        path.write_text("-".join([*words, str(secrets.randbelow(9000) + 1000)]))
    return path.read_text().strip()


def teams(seats: list[Seat]) -> dict[str, set[str]]:
    """Everybody below each person, directly or not, by employee number."""
    manager_of = {seat.number: seat.manager for seat in seats}
    below: dict[str, set[str]] = defaultdict(set)
    for number, manager in manager_of.items():
        above = manager
        while above:
            below[above].add(number)
            above = manager_of.get(above)
    return below


def creators(company: Company, seats: list[Seat]) -> dict[str, Seat]:
    """The owner of courses for each role of `creators` in company.yml: whoever sits there longest."""
    return {role: _longest(seats, where) for role, where in company.creators.items()}


def officials(company: Company, seats: list[Seat]) -> list[tuple[dict[str, str], Seat]]:
    """Each entry of `duties` in company.yml and who has it: one role a person, so that each can be tried."""
    taken = {seat.number for seat in creators(company, seats).values()}
    found = []
    for duty in company.duties:
        seat = _longest([seat for seat in seats if seat.number not in taken], duty)
        taken.add(seat.number)
        found.append((duty, seat))
    return found


def _longest(seats: list[Seat], where: dict[str, str]) -> Seat:
    there = (seat for seat in seats if seat.unit == where["unit"] and seat.title == where["title"])
    return min(there, key=lambda seat: (seat.started_on, seat.number))


def choose(company: Company, workforce: Workforce, to_do: dict[str, int]) -> list[SignIn]:
    """`to_do` counts the unfinished courses of each employee number."""
    seats = {seat.number: seat for seat in workforce.active()}
    below = teams(list(seats.values()))
    manager = min(below, key=lambda number: (abs(len(below[number]) - TEAM_SIZE), number))
    executive = next(seat for seat in seats.values() if seat.title == "Chief operations officer")
    chief = next(seat for seat in seats.values() if seat.manager is None)
    granted = officials(company, list(seats.values()))
    plain = below[manager] - set(below) - {seat.number for _, seat in granted}
    employee = max(plain, key=lambda number: (to_do.get(number, 0), number))
    creator = creators(company, list(seats.values()))["software"]
    chosen = [
        ("employee", seats[employee], f"{to_do.get(employee, 0)} courses begun and not finished"),
        ("manager", seats[manager], f"{len(below[manager])} people below"),
        ("executive", executive, f"{len(below[executive.number])} people below"),
        ("chief executive", chief, "sees every unit"),
        ("creator", creator, "owns the courses on security and data"),
        *((duty["as"], seat, duty["about"]) for duty, seat in granted),
    ]
    people = [SignIn(role, seat.name, seat.email, f"{seat.title}, {about}") for role, seat, about in chosen]
    return [*people, SignIn("auditor", "", company.auditor["email"], company.auditor["about"])]
