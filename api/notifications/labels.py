"""How the page of choices names each kind."""

from api.core.i18n import gettext as _


def labels() -> dict[str, str]:
    """By kind, in the language of who reads."""
    return {
        "assigned": _("A course is required of me"),
        "due_soon": _("A due date comes near"),
        "overdue": _("Something is overdue"),
        "reminded": _("My manager reminds me of a course"),
        "course_changed": _("A course changed and is to be taken again"),
        "enrolled": _("I am enrolled in a course"),
        "live_tomorrow": _("A live session is tomorrow"),
        "live_changed": _("A live session has another time or place"),
        "waitlisted": _("I am on a waiting list"),
        "promoted": _("A seat from the waiting list is mine"),
        "approval_asked": _("Somebody in my team asks for approval"),
        "approval_decided": _("My request was decided"),
        "course_completed": _("I completed a course"),
        "path_completed": _("I completed a learning path"),
        "certificate_expires": _("A certificate of mine expires soon"),
        "certificate_revoked": _("A certificate of mine was revoked"),
        "scheduled_report": _("A report comes that I or somebody for me has sent regularly"),
        "report_failed": _("A report that I have sent regularly failed"),
        "hr_attention": _("The data of an HR system needs me"),
    }
