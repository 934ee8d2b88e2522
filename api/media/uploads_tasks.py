"""Jobs that tidy up: uploads that nobody goes on with, and files that no asset names."""

from typing import Any

from api.core.jobs import Context, task
from api.media.leftovers import remove_unused, remove_unused_bundle
from api.media.uploads import drop_expired


@task(name="drop_expired_uploads", cron="*/10 * * * *")
async def drop_expired_uploads(context: Context, **_: Any) -> None:
    await drop_expired(context.sessions, context.settings)


@task(name="remove_unused_files")
async def remove_unused_files(context: Context, *, hashes: list[str], bundle: str | None, **_: Any) -> None:
    for sha256 in hashes:
        async with context.sessions.begin() as session:
            await remove_unused(session, context.settings, sha256=sha256)
    if bundle:
        async with context.sessions.begin() as session:
            await remove_unused_bundle(session, context.settings, bundle=bundle)
