"""Jobs: procrastinate's own schema."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

SCHEMA = Path(__file__).with_name("0010_procrastinate_3_10.sql")


def upgrade() -> None:
    """A script of many statements: asyncpg runs it as one only below SQLAlchemy, in the same transaction."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.run_async(lambda driver: driver.execute(SCHEMA.read_text(encoding="utf-8")))
