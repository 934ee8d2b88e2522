"""Who changed the catalogue sees it at once: other processes learn of it within a second."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

_count = 0


def changes() -> int:
    """How often this process changed the catalogue."""
    return _count


def catalogue_changes(session: AsyncSession) -> None:
    """Once this transaction is committed; counted more than once where it has savepoints, which does no harm."""

    def committed(_: object) -> None:
        global _count  # noqa: PLW0603 (of the process, like what is remembered in it)
        _count += 1

    event.listen(session.sync_session, "after_commit", committed)
