"""A fresh installation answers that the numbers are coming, and when to ask again; never an error 500."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from pipelines.lake.export import export_events
from tests.factories import make_person


@pytest.mark.parametrize("exists", [False, True], ids=["no lake", "a lake without marts"])
async def test_reports_say_that_the_first_pass_has_not_finished(
    exists: bool,
    api: httpx.AsyncClient,
    settings: Settings,
    committed: AsyncSession,
    token_for: Callable[..., dict[str, str]],
) -> None:
    lead = await make_person(committed, "Lead")
    await make_person(committed, "Report", manager=lead)
    await committed.commit()
    if exists:
        export_events(settings)
    headers = token_for(lead.id, "manager", "creator")
    for path in ("/team-progress", "/compliance-report", "/course-analytics"):
        answer = await api.get(path, headers=headers)
        assert answer.status_code == 503, path
        assert "first pipeline pass has not finished" in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) > 0
