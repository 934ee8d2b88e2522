"""Who learns in these tests."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.learning.quizzed import Json, Quizzed
from tests.factories import make_person


@pytest.fixture
async def quizzed(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Json]) -> Quizzed:
    person = await make_person(committed, "Quinn Ray")
    await committed.commit()
    return Quizzed(api, committed, person, token_for(person.id, "employee", "creator"))
