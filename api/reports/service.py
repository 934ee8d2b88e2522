"""What the routes and later the schedules ask for."""

from api.reports.courses import course_analytics
from api.reports.export import compliance_csv
from api.reports.team import Filters, compliance_report, team_progress

__all__ = ["Filters", "compliance_csv", "compliance_report", "course_analytics", "team_progress"]
