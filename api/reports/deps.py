"""What routes of reports need."""

from typing import Annotated

from fastapi import Depends, Request

from api.reports.lake_reader import LakeReader


async def get_lake(request: Request) -> LakeReader:
    lake: LakeReader = request.app.state.lake
    return lake


LakeDep = Annotated[LakeReader, Depends(get_lake)]
