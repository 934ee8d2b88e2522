"""Identity: scoped roles, browser sessions, and the authorization server's clients, grants, codes and tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def _keyed() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
    )


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.alter_column("account", "email", nullable=True)
    op.add_column("account", sa.Column("idp_subject", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_account_idp_subject"), "account", ["idp_subject"])

    op.add_column("role_grant", sa.Column("org_unit_id", sa.Uuid(), nullable=True))
    op.add_column("role_grant", sa.Column("source", sa.Text(), server_default="praxis", nullable=False))
    op.add_column("role_grant", sa.Column("valid_until", MOMENT, nullable=True))
    op.create_foreign_key(op.f("fk_role_grant_org_unit_id"), "role_grant", "org_unit", ["org_unit_id"], ["id"])
    op.drop_constraint("uq_role_grant_account_id_role", "role_grant")
    op.create_unique_constraint(
        op.f("uq_role_grant_account_id_role_org_unit_id"),
        "role_grant",
        ["account_id", "role", "org_unit_id"],
        postgresql_nulls_not_distinct=True,
    )

    op.create_table(
        "browser_session",
        *_keyed(),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("idp_id_token", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("browser_session", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_browser_session_secret_hash")),
    )
    op.create_index(op.f("ix_browser_session_account_id"), "browser_session", ["account_id"])
    _create_oauth_tables()


def _create_oauth_tables() -> None:
    op.create_table(
        "oauth_client",
        *_keyed(),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("redirect_uris", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("post_logout_uris", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("grant_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_first_party", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        _to("oauth_client", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oauth_client_client_id")),
    )
    op.create_table(
        "oauth_grant",
        *_keyed(),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _to("oauth_grant", "client_id", "oauth_client.client_id"),
        _to("oauth_grant", "account_id", "account.id"),
        _to("oauth_grant", "session_id", "browser_session.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grant")),
    )
    op.create_index(op.f("ix_oauth_grant_account_id"), "oauth_grant", ["account_id"])
    op.create_index(op.f("ix_oauth_grant_session_id"), "oauth_grant", ["session_id"])
    op.create_table(
        "oauth_code",
        *_keyed(),
        sa.Column("code_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _to("oauth_code", "grant_id", "oauth_grant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oauth_code_code_hash")),
    )
    op.create_table(
        "oauth_refresh_token",
        *_keyed(),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _to("oauth_refresh_token", "grant_id", "oauth_grant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oauth_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_oauth_refresh_token_grant_id"), "oauth_refresh_token", ["grant_id"])
