"""The console: companies, authentication, blocks, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cxtui.store import sqlite

revision = "cxtui0001"
down_revision = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("number_range_start", sa.BigInteger(), nullable=False),
        sa.Column("number_block_size", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_object", "audit", ["entity", "entity_id"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_change_id", "audit", ["change_id"], unique=False)
    op.create_index("ix_audit_operator", "audit", ["operator"], unique=False)
    op.create_index("ix_audit_undoes", "audit", ["undoes"], unique=False)

    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("channels", sa.BigInteger(), nullable=False),
        sa.Column("flow_speed", sa.BigInteger(), nullable=False),
        sa.Column("number_block_start", sa.BigInteger(), nullable=False),
        sa.Column("number_block_size", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("ha1_md5", sa.Text(), nullable=False),
        sa.Column("ha1_sha256", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Float(), nullable=False),
        sa.Column("retired_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("credential_owner", "credential", ["owner", "owner_id"], unique=False)
    op.create_index("ix_credential_retired_by", "credential", ["retired_by"], unique=False)

    op.create_table(
        "edge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("heartbeat_at", sa.Float(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sip_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("barge_group", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("ours", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("last_seen", sa.Float(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("usernames", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("block_address", "block", ["address"], unique=False)
    op.create_index(
        "block_company", "block", ["company_id", "since"], unique=False, sqlite_where=sa.text("company_id IS NOT NULL")
    )
    op.create_index(
        "block_live",
        "block",
        ["packed"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(
        "block_order",
        "block",
        ["ours", "since"],
        unique=False,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(
        "block_leaving",
        "block",
        ["id"],
        unique=False,
        sqlite_where=sa.text("wanted = 'unblocked' AND lifted_at IS NULL"),
    )
    op.create_index("block_since", "block", ["since"], unique=False)

    op.create_table(
        "ip_auth",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("channels", sa.BigInteger(), nullable=False),
        sa.Column("flow_speed", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("cli_authentication", sa.Boolean(), nullable=False),
        sa.Column("manufacturer", sa.Text(), nullable=False),
        sa.Column("switch_version", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("port", sa.BigInteger(), nullable=False),
        sa.Column("dial_pattern", sa.Text(), nullable=False),
        sa.Column("cli_prefix", sa.Text(), nullable=False),
        sa.Column("tech_prefix", sa.Text(), nullable=False),
        sa.Column("strip_digits", sa.BigInteger(), nullable=False),
        sa.Column("force_from", sa.Text(), nullable=False),
        sa.Column("bandwidth", sa.BigInteger(), nullable=False),
        sa.Column("uac_username", sa.Text(), nullable=False),
        sa.Column("uac_realm", sa.Text(), nullable=False),
        sa.Column("force_nat", sa.Boolean(), nullable=False),
        sa.Column("disable_nat", sa.Boolean(), nullable=False),
        sa.Column("intercept_reinvite", sa.Boolean(), nullable=False),
        sa.Column("outbound_proxy", sa.Text(), nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        sa.Column("last", sa.LargeBinary(), nullable=False),
        sa.Column("linked_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ip_auth_address", "ip_auth", ["address"], unique=False)
    op.create_index("ip_auth_company", "ip_auth", ["company_id", "first", "last"], unique=False)
    op.create_index("ip_auth_range", "ip_auth", ["first", "last"], unique=False)

    op.create_table(
        "sip_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("channels", sa.BigInteger(), nullable=False),
        sa.Column("flow_speed", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("allow_list", sa.Text(), nullable=False),
        sa.Column("nat_ping", sa.Text(), nullable=False),
        sa.Column("retain_did", sa.Boolean(), nullable=False),
        sa.Column("smart_extension", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("password_set_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["sip_profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
        sqlite_autoincrement=True,
    )
    op.create_index("sip_user_profile", "sip_user", ["profile_id"], unique=False)
    op.create_index("sip_user_company", "sip_user", ["company_id", "username"], unique=False)

    op.create_table(
        "allowed_range",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sip_user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        sa.Column("last", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sip_user_id"],
            ["sip_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("allowed_range_range", "allowed_range", ["first", "last"], unique=False)
    op.create_index("allowed_range_user", "allowed_range", ["sip_user_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["block_id"],
            ["block.id"],
        ),
        sa.ForeignKeyConstraint(
            ["edge_id"],
            ["edge.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("hold_place", "hold", ["block_id", "edge_id", "layer"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for table in sqlite.SEARCHED:
            for statement in sqlite.search_statements(table):
                op.execute(statement)
