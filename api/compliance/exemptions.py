"""Who must learn a course may begin it, whatever its limits: an obligation has to be possible to fulfil.

Importing this says so to `api.learning`, which knows no obligations.
"""

import uuid
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.obligations import obligations
from api.learning.enrolling import EXEMPTIONS


async def owes(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> bool:
    today = datetime.now(UTC).date()
    return any(one.course_id == course_id for one in await obligations(session, person_id=person_id, on=today))


EXEMPTIONS.append(owes)
