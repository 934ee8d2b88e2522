"""The way from mails and notices to the pages of reports, which are in the dashboards."""

from fastapi import APIRouter, Response

from api.core.http import SettingsDep
from api.web.pages import go

router = APIRouter(include_in_schema=False)


@router.get("/my/reports")
async def my_reports(settings: SettingsDep) -> Response:
    return go(f"{settings.dashboards_url}/reports")


@router.get("/my/report-schedules")
async def my_report_schedules(settings: SettingsDep) -> Response:
    return go(f"{settings.dashboards_url}/schedules")
