"""What a notification says, in the language of `i18n.use`; the same words in the app and in mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.core.i18n import gettext as _
from api.core.i18n import ngettext, wording

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """`action` names what `href`, a path of ours, leads to."""

    title: str
    text: str
    href: str
    action: str


def words(kind: str, facts: Facts) -> Words:
    return SAID[kind]({"title": "", **facts})


def _course(title: str, text: str, facts: Facts, action: str | None = None) -> Words:
    return Words(title, text, f"/learn/{facts['course_id']}", action or _("Open the course"))


def _due(facts: Facts) -> date:
    return date.fromisoformat(facts["due_on"])


def _starts(facts: Facts) -> str:
    return wording().moment(datetime.fromisoformat(facts["live"]["starts_at"]), "full")


def _where(facts: Facts) -> str:
    place = facts["live"].get("place")
    return " ".join(filter(None, [_starts(facts) + ".", _("Place: {place}").format(place=place) if place else ""]))


def _assigned(facts: Facts) -> Words:
    title = _("New required course: {title}").format(**facts)
    return _course(title, _("Please complete it by {day}.").format(day=wording().day(_due(facts), "long")), facts)


def _due_soon(facts: Facts) -> Words:
    due = _due(facts)
    days, day = wording().days_away(due), wording().day(due, "long")
    if days < 0:
        title = _("Was due on {day}: {title}").format(**{**facts, "day": day})
    elif days == 0:
        title = _("Due today: {title}").format(**facts)
    elif days == 1:
        title = _("Due tomorrow: {title}").format(**facts)
    else:
        title = ngettext("Due in {n} day: {title}", "Due in {n} days: {title}", days).format(**{**facts, "n": days})
    return _course(title, _("This required course is to be completed by {day}.").format(day=day), facts)


def _overdue(facts: Facts) -> Words:
    text = _("It was due on {day}. Please complete it as soon as you can, or talk to your manager.")
    title = _("Overdue: {title}").format(**facts)
    return _course(title, text.format(day=wording().day(_due(facts), "long")), facts)


def _reminded(facts: Facts) -> Words:
    if facts.get("name"):
        title = _("{name} reminds you: {title}").format(**facts)
    else:
        title = _("A reminder: {title}").format(**facts)
    due, day = _due(facts), wording().day(_due(facts), "long")
    text = _("It was due on {day}.") if wording().days_away(due) < 0 else _("Please complete it by {day}.")
    return _course(title, text.format(day=day), facts)


def _changed(facts: Facts) -> Words:
    if facts.get("retake"):
        text = _("It has changed in a way that matters, so what you learned needs a refresh. Your certificate stays.")
        return _course(_("Please take it again: {title}").format(**facts), text, facts)
    text = _("There is a new version. You go on where you were; the parts that changed are to be done again.")
    return _course(_("Updated: {title}").format(**facts), text, facts)


def _enrolled(facts: Facts) -> Words:
    title = _("You are enrolled: {title}").format(**facts)
    return _course(title, _("You can begin whenever it suits you."), facts, _("Start learning"))


def _live_tomorrow(facts: Facts) -> Words:
    title = _("Your session: {session}").format(**facts)
    return _course(title, _("{title}: {when}").format(**{**facts, "when": _where(facts)}), facts)


def _live_changed(facts: Facts) -> Words:
    title = _("New time or place: {session}").format(**facts)
    return _course(title, _("{title}: {when}").format(**{**facts, "when": _where(facts)}), facts)


def _waitlisted(facts: Facts) -> Words:
    text = _("The course is full. As soon as a seat is free you are enrolled, and told.")
    return _course(_("On the waiting list: {title}").format(**facts), text, facts)


def _promoted(facts: Facts) -> Words:
    title = _("A seat is yours: {title}").format(**facts)
    return _course(title, _("You are enrolled now, from the waiting list."), facts, _("Start learning"))


def _asked(facts: Facts) -> Words:
    title = _("{name} asks for your approval: {title}").format(**facts)
    text = _("They would like to take this course, which needs the manager's yes.")
    return Words(title, text, "/team/requests", _("Decide"))


def _decided(facts: Facts) -> Words:
    if facts.get("approved"):
        return _course(_("Approved: {title}").format(**facts), _("Your request was approved."), facts)
    text = _("The course's page tells why. If you need it all the same, talk to your manager.")
    return _course(_("Not approved: {title}").format(**facts), text, facts)


def _completed(facts: Facts) -> Words:
    title = _("Completed: {title}").format(**facts)
    if not facts.get("code"):
        return _course(title, _("Well done!"), facts)
    return Words(title, _("Well done! Your certificate is ready."), "/my/certificates", _("See my certificate"))


def _expires(facts: Facts) -> Words:
    text = _("It is valid until {day}. Take the course again to renew it.")
    title = _("Your certificate expires: {title}").format(**facts)
    text = text.format(day=wording().day(date.fromisoformat(facts["on"]), "long"))
    if not facts.get("course_id"):
        return Words(title, text, f"/paths/{facts['path_id']}", _("Open the learning path"))
    return _course(title, text, facts)


def _revoked(facts: Facts) -> Words:
    title = _("Your certificate was revoked: {title}").format(**facts)
    text = _("It no longer counts. The reason is on the page of your certificates.")
    return Words(title, text, "/my/certificates", _("See why"))


def _path_completed(facts: Facts) -> Words:
    title = _("Learning path completed: {title}").format(**facts)
    return Words(title, _("Well done! That is a whole path."), "/my/certificates", _("See my certificates"))


def _hr(facts: Facts) -> Words:
    """What is wrong is said by the exchange itself, in English as all of the data team's page."""
    title = _("HR data of {source} needs you").format(**facts)
    return Words(title, facts["says"], "/data-team", _("Look at it"))


def _report(facts: Facts) -> Words:
    title, rows = _("Your report: {title}").format(**facts), facts["rows"]
    text = ngettext("{n} row, of people whom you may see.", "{n} rows, of people whom you may see.", rows)
    told = [text.format(n=rows)]
    if facts.get("owner"):
        told.append(_("{owner} has it sent to you.").format(**facts))
    if not facts.get("is_attached"):
        told.append(_("The file is on your page of reports, for a week."))
    return Words(title, " ".join(told), "/my/reports", _("Open my reports"))


def _report_failed(facts: Facts) -> Words:
    """Why is said by whatever refused it, in English mostly."""
    title = _("A report was not sent: {title}").format(**facts)
    return Words(title, f"{facts['to']}: {facts['says']}", "/my/report-schedules", _("See my schedules"))


SAID: dict[str, Callable[[Facts], Words]] = {
    "assigned": _assigned,
    "due_soon": _due_soon,
    "overdue": _overdue,
    "reminded": _reminded,
    "course_changed": _changed,
    "enrolled": _enrolled,
    "live_tomorrow": _live_tomorrow,
    "live_changed": _live_changed,
    "waitlisted": _waitlisted,
    "promoted": _promoted,
    "approval_asked": _asked,
    "approval_decided": _decided,
    "course_completed": _completed,
    "path_completed": _path_completed,
    "certificate_expires": _expires,
    "certificate_revoked": _revoked,
    "scheduled_report": _report,
    "report_failed": _report_failed,
    "hr_attention": _hr,
}
