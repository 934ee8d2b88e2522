"""What the routes and later the schedules ask for."""

from api.reports.course_export import course_csv
from api.reports.courses import CourseFilters, course_analytics
from api.reports.export import compliance_csv
from api.reports.filters import Filters
from api.reports.team import compliance_report, team_progress

__all__ = [
    "CourseFilters",
    "Filters",
    "compliance_csv",
    "compliance_report",
    "course_analytics",
    "course_csv",
    "team_progress",
]
