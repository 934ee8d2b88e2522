"""What the routes and the schedules ask for."""

from api.reports.course_export import course_csv
from api.reports.courses import CourseFilters, course_analytics
from api.reports.evidence import evidence_header
from api.reports.export import compliance_csv
from api.reports.filters import Filters
from api.reports.questions import ReportQuestion
from api.reports.runs import cancel, file_of, history, order, own
from api.reports.schedule_runs import Undelivered, is_due, run_round
from api.reports.schedule_targets import Target
from api.reports.team import compliance_report, team_progress

__all__ = [
    "CourseFilters",
    "Filters",
    "ReportQuestion",
    "Target",
    "Undelivered",
    "cancel",
    "compliance_csv",
    "compliance_report",
    "course_analytics",
    "course_csv",
    "evidence_header",
    "file_of",
    "history",
    "is_due",
    "order",
    "own",
    "run_round",
    "team_progress",
]
