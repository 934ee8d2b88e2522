"""The way from a notice to the data team's page, which is in the dashboards."""

from fastapi import APIRouter, Response

from api.core.http import SettingsDep
from api.web.pages import go

router = APIRouter(include_in_schema=False)


@router.get("/data-team")
async def data_team(settings: SettingsDep) -> Response:
    return go(f"{settings.dashboards_url}/hr")
