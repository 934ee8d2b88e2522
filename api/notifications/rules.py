"""What people hear of, and when a reminder is due: tables and plain values."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Kind:
    """Channels by default; `must_show`: can't be switched off in the app, because somebody counts on it being seen.

    `is_urgent` waits for no digest and no Monday, only for the end of the night.
    """

    app: bool = True
    mail: bool = True
    must_show: bool = False
    is_urgent: bool = False
    is_chosen: bool = True
    """Whether the page of choices offers it: what one role alone hears of is no matter of everybody's."""


KINDS: dict[str, Kind] = {
    "assigned": Kind(must_show=True),
    "due_soon": Kind(must_show=True),
    "overdue": Kind(must_show=True),
    "reminded": Kind(must_show=True),
    "course_changed": Kind(must_show=True),
    "enrolled": Kind(),
    "live_tomorrow": Kind(is_urgent=True),
    "live_changed": Kind(is_urgent=True),
    "waitlisted": Kind(mail=False),
    "promoted": Kind(),
    "approval_asked": Kind(must_show=True),
    "approval_decided": Kind(),
    "course_completed": Kind(),
    "path_completed": Kind(),
    "certificate_expires": Kind(),
    "certificate_revoked": Kind(must_show=True),
    "scheduled_report": Kind(),
    "report_failed": Kind(must_show=True, is_chosen=False),
    "hr_attention": Kind(must_show=True, is_urgent=True, is_chosen=False),
}
"""In the order in which the page of choices shows them."""

DUE_DAYS = (14, 7, 1)
EXPIRY_DAYS = (60, 30, 7)
MOST_OVERDUE = 4
"""Once a day after the due date, then weekly; after that the dashboards remind the manager, not a mail the learner."""

NEWS_DAYS = 14
"""An obligation that somebody has for longer is no news, only to be reminded of."""

COLLECT_FROM = 3
"""So many at once are one mail also for who wants no digest: a new colleague's first morning."""

MOST_TRIES = 40
"""With pauses of at most four hours: about six days."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`mail` wins over nothing: without an own choice the kind's default holds."""

    app: bool
    mail: bool


def channels(kind: str, chosen: Choice | None) -> Choice:
    """What holds for a person: their choice, but what must be shown is shown."""
    told = KINDS[kind]
    wanted = chosen or Choice(told.app, told.mail)
    return Choice(wanted.app or told.must_show, wanted.mail)


def before_due(due_on: date, today: date, known_since: date, steps: tuple[int, ...] = DUE_DAYS) -> int | None:
    """The reminder that today is for: the nearest step of `steps` reached, in days before `due_on`.

    None after the day, before the first step, and where the step's day lies not after the day from which the person
    knows anyway. A day on which nobody looked is made up for by the next.
    """
    left = (due_on - today).days
    reached = [step for step in steps if 0 <= left <= step]
    if not reached or due_on - timedelta(days=min(reached)) <= known_since:
        return None
    return min(reached)


def overdue_week(due_on: date, today: date) -> int | None:
    """1 in the first week after the due date, up to MOST_OVERDUE; None before and after."""
    late = (today - due_on).days
    week = (late - 1) // 7 + 1
    return week if late > 0 and week <= MOST_OVERDUE else None


def presence(employments: list[tuple[date, date | None]], today: date) -> tuple[bool, date | None]:
    """(whether mail may reach them one day, the first working day that is still to come before it).

    Of (started_on, ended_on), the last day inclusive: who works here now, who comes, who left.
    """
    if any(start <= today and (end is None or today <= end) for start, end in employments):
        return True, None
    coming = [start for start, _ in employments if start > today]
    return bool(coming), min(coming, default=None)


def pause_minutes(tries: int) -> int:
    """Before trying again after so many failures: 1, 2, 4, ... 240."""
    return int(min(240, 2 ** min(tries - 1, 8)))
