"""The rest of the portal: codecs, rewrites, voicemail, CLI lists, who has a row open, and saves that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "cxtui0002"
down_revision = "cxtui0001"


def upgrade() -> None:
    """Bring the schema to this revision."""
    for table, column in (
        ("ip_auth", sa.Column("restricted_codecs", sa.Text(), nullable=False, server_default="")),
        ("sip_user", sa.Column("restricted_codecs", sa.Text(), nullable=False, server_default="")),
        ("sip_user", sa.Column("voicemail_enabled", sa.Boolean(), nullable=False, server_default="0")),
        ("sip_user", sa.Column("voicemail_email", sa.Text(), nullable=False, server_default="")),
        ("company", sa.Column("cli_allow_list", sa.Text(), nullable=False, server_default="")),
    ):
        op.add_column(table, column)
    _rewrites()
    op.create_table(
        "deleted_message",
        *_row(),
        sa.Column("sip_user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("trash", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deleted_message_trash", "deleted_message", ["trash"])
    op.create_table(
        "presence",
        *_row(),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("editing", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session"),
        sqlite_autoincrement=True,
    )
    _delayed_saves()


def _rewrites() -> None:
    op.create_table(
        "rewrite_rule",
        *_row(),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("current", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("match_exp", sa.Text(), nullable=False),
        sa.Column("subst_exp", sa.Text(), nullable=False),
        sa.Column("repl_exp", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("rewrite_rule_owner", "rewrite_rule", ["owner", "owner_id", "position"])
    op.create_table(
        "rewrite_test",
        *_row(),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("rewrite_test_owner", "rewrite_test", ["owner", "owner_id"])


def _delayed_saves() -> None:
    texts = ("operator", "origin", "role", "program", "reason", "what", "owner", "title", "base", "typed", "more")
    op.create_table(
        "delayed_save",
        *_row(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*texts, "state", "outcome", "change_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("company_id", "owner_id", "entity_id")),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("delayed_save_due", "delayed_save", ["state", "due_at"])


def _row() -> tuple[sa.Column[int], sa.Column[int]]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.Column("version", sa.Integer(), nullable=False)
