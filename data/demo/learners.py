"""How people differ: diligence, ability, working hours. Drawn once a person, so that their courses agree."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from data.demo.changes import Workforce
from data.demo.company import Company
from data.demo.people import Seat

OFFICE = {8: 5, 9: 10, 10: 12, 11: 9, 12: 3, 13: 5, 14: 9, 15: 8, 16: 5, 17: 2, 20: 1}
OFFICE_ES = {9: 7, 10: 11, 11: 11, 12: 9, 13: 6, 15: 1, 16: 7, 17: 8, 18: 6, 19: 2}
SHIFTS = {5: 5, 6: 8, 9: 4, 13: 9, 14: 9, 17: 3, 21: 8, 22: 6, 23: 2}


@dataclass(slots=True)
class Learner:
    """`diligence` and `ability` are in standard deviations around the company's mean."""

    seat: Seat
    diligence: float
    ability: float
    zone: ZoneInfo
    hours: list[int]
    hour_weights: list[int]
    weekend: float
    """Chance that a session that falls on a weekend stays there."""

    def moment(self, day: date, rng: random.Random, *, no_later: bool = False) -> datetime:
        """When they sit down to learn: on that day, or on a working day after (`no_later`: before) a weekend."""
        if day.weekday() > 4 and rng.random() > self.weekend:
            back, forth = day.weekday() - 4, 7 - day.weekday()
            day += timedelta(days=-back - rng.choice((0, 0, 1)) if no_later else forth + rng.choice((0, 0, 1, 1, 2)))
        hour = rng.choices(self.hours, self.hour_weights)[0]
        local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), self.zone)
        return local.astimezone(UTC)


def learners(company: Company, workforce: Workforce, rng: random.Random) -> list[Learner]:
    """A team shares a part of its diligence: whole teams are early or late, not only people."""
    of_team = {number: rng.gauss(0, 0.55) for number in workforce.people}
    return [_learner(company, seat, of_team, rng) for seat in workforce.people.values()]


def _learner(company: Company, seat: Seat, of_team: dict[str, float], rng: random.Random) -> Learner:
    shifts = company.units[seat.unit].has_shifts and seat.title not in ("Plant director", "Production manager")
    hours = SHIFTS if shifts else OFFICE_ES if seat.country == "ES" else OFFICE
    diligence = rng.gauss(0, 0.75) + company.diligence.get(seat.unit, 0.0) + of_team.get(seat.manager or "", 0.0)
    return Learner(
        seat=seat,
        diligence=diligence,
        ability=rng.gauss(0, 1),
        zone=ZoneInfo(company.countries[seat.country]["zone"]),
        hours=list(hours),
        hour_weights=list(hours.values()),
        weekend=0.35 if shifts else 0.06,
    )
