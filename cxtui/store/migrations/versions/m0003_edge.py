"""The edge: what an agent reports, what it is asked to do, and the views that the switch reads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "cxtui0003"
down_revision = "cxtui0002"

_USABLE = "company.status IN ('active', 'dialing')"
_HEX = "'0123456789ABCDEF'"


def upgrade() -> None:
    """Bring the schema to this revision."""
    columns: tuple[tuple[str, sa.Column[Any]], ...] = (
        ("account", sa.Column("changed_at", sa.Float(), nullable=False, server_default="0")),
        ("account", sa.Column("addresses_at", sa.BigInteger(), nullable=False, server_default="0")),
        ("account", sa.Column("rewrites_at", sa.BigInteger(), nullable=False, server_default="0")),
        *(("edge", sa.Column(name, sa.Text(), nullable=False, server_default="")) for name in _EDGE_TEXTS),
        *(("edge", sa.Column(name, sa.Float(), nullable=True)) for name in _EDGE_MOMENTS),
        *(("edge", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")) for name in _EDGE_COUNTS),
        ("edge", sa.Column("ping_interval", sa.BigInteger(), nullable=False, server_default="60")),
    )
    for table, column in columns:
        op.add_column(table, column)
    op.execute("UPDATE account SET addresses_at = generation, rewrites_at = generation")
    live = sa.text("lifted_at IS NULL")
    op.create_index("block_expiry", "block", ["expires_at"], sqlite_where=live, postgresql_where=live)
    op.create_index("hold_edge", "hold", ["edge_id", "layer", "block_id"])
    _what_agents_report()
    _what_agents_do()
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {body}")


_EDGE_TEXTS = ("listens", "software", "trouble", "refusal")
_EDGE_MOMENTS = ("up_since", "reloaded_at", "retry_at", "checked_at")
_EDGE_COUNTS = ("calls", "registered", "round_trip")


def _what_agents_report() -> None:
    op.create_table(
        "propagation",
        *_row(),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("committed_at", sa.Float(), nullable=False),
        sa.Column("verified_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("propagation_edge", "propagation", ["edge_id", "generation"], unique=True)
    op.create_table(
        "drift",
        *_row(),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("part", "key", "side", "detail")),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("drift_place", "drift", ["edge_id", "part", "key", "side"], unique=True)
    texts = ("username", "ruid", "contact", "received", "via", "transport", "socket", "user_agent")
    op.create_table(
        "registration",
        *_row(),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        sa.Column("sip_user_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("nat", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("last_ping_at", sa.Float(), nullable=True),
        sa.Column("round_trip", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.Column("pings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("registration_place", "registration", ["edge_id", "ruid"], unique=True)
    op.create_index("registration_user", "registration", ["sip_user_id"])
    op.create_index("registration_company", "registration", ["company_id", "username"])
    op.create_index("registration_order", "registration", ["username", "id"])
    op.create_index("registration_source", "registration", ["packed"])


def _what_agents_do() -> None:
    texts = ("task", "username", "ruid", "body", "operator", "state", "result", "ladder")
    op.create_table(
        "edge_job",
        *_row(),
        sa.Column("edge_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("round_trip", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("edge_job_waiting", "edge_job", ["edge_id", "state"])
    op.create_index("edge_job_created", "edge_job", ["created_at"])


def _row() -> tuple[sa.Column[int], sa.Column[int]]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.Column("version", sa.Integer(), nullable=False)


def _octet(place: int) -> str:
    high, low = (f"instr({_HEX}, substr(hex(first), {25 + 2 * place + digit}, 1)) - 1" for digit in (0, 1))
    return f"(({high}) * 16 + {low})"


# An octet over 255 would be taken silently as another address, so that only rows are shown whose text is the address
# that is packed.
_V4 = "substr(hex(first), 1, 24) = '00000000000000000000FFFF'"
_DOTTED = " || '.' || ".join(_octet(place) for place in range(4))
_HOST = "substr(address, 1, instr(address || '/', '/') - 1)"
_LENGTH = "CAST(substr(address, instr(address, '/') + 1) AS INTEGER)"
_PLAIN = "substr(address, instr(address, '/') + 1) NOT GLOB '*[^0-9]*'"
_TAG = (
    "'e=' || ip_auth.id || ';v=' || ip_auth.version || ';c=' || company.id || ';cv=' || company.version"
    " || ';ch=' || ip_auth.channels || ';cps=' || ip_auth.flow_speed"
    " || ';cch=' || company.channels || ';ccps=' || company.flow_speed"
    " || ';tls=' || (ip_auth.protocol IN ('tls', 'tls_srtp'))"
    " || ';nat=' || CASE WHEN disable_nat THEN 2 ELSE force_nat + 0 END || ';ri=' || (intercept_reinvite + 0)"
    " || ';cod=' || restricted_codecs || ';'"
)
_BOUND = "(ip_auth.protocol = 'udp' AND ip_auth.port <> 5060)"
_SENDING = f"FROM ip_auth JOIN company ON company.id = company_id WHERE enabled AND direction = 'egress' AND {_USABLE}"
_ADDRESSES = f"""
SELECT 0 AS id, 999 AS grp, '192.0.2.255' AS ip_addr, 32 AS mask, 0 AS port, 'gen=' || addresses_at || ';' AS tag
FROM account
UNION ALL
SELECT * FROM (
  SELECT ip_auth.id, CASE WHEN cli_authentication THEN 3 WHEN {_BOUND} THEN 1 ELSE 2 END AS grp,
    CASE WHEN {_V4} THEN {_DOTTED} ELSE {_HOST} END AS ip_addr,
    CASE WHEN instr(address, '/') THEN {_LENGTH} WHEN {_V4} THEN 32 ELSE 128 END AS mask,
    CASE WHEN {_BOUND} AND NOT cli_authentication THEN port ELSE 0 END AS port,
    {_TAG} AS tag
  {_SENDING} AND length(first) = 16 AND (
    {_V4} AND {_HOST} = ({_DOTTED}) AND (instr(address, '/') = 0 OR {_PLAIN} AND {_LENGTH} BETWEEN 1 AND 32)
    OR NOT {_V4} AND {_HOST} NOT GLOB '*[^0-9a-f:]*' AND instr(address, ':')
      AND (instr(address, '/') = 0 OR {_PLAIN} AND {_LENGTH} BETWEEN 1 AND 128)
  )
  ORDER BY grp, mask DESC, ip_auth.id DESC
)"""
_SHARED = f"""
SELECT ip_auth.id AS id, address, first, last, CASE WHEN {_BOUND} THEN port ELSE 0 END AS port, company.id AS company,
  CASE WHEN cli_allow_list = '' THEN 0 ELSE 1 END AS listed, {_TAG} AS tag
{_SENDING} AND cli_authentication"""
_SUBSCRIBERS = f"""
SELECT sip_user.id AS id, sip_user.username AS username, account.realm AS domain, ha1_md5 AS ha1, ha1_sha256,
  sip_user.version AS v, company.id AS company, sip_user.channels AS channels, sip_user.flow_speed AS cps,
  company.channels AS company_channels, company.flow_speed AS company_cps, restricted_codecs AS codecs,
  replace(allow_list, char(10), ',') AS allow_list, nat_ping, retain_did + 0 AS retain_did,
  CASE WHEN sip_user.protocol IN ('tls', 'tls_srtp') THEN 1 ELSE 0 END AS tls, voicemail_enabled + 0 AS voicemail,
  CASE WHEN sip_user.enabled AND {_USABLE} THEN 1 ELSE 0 END AS enabled
FROM sip_user JOIN account JOIN company ON company.id = company_id
JOIN credential ON owner = 'sip_user' AND owner_id = sip_user.id AND retired_by = ''
  AND credential.realm = account.realm AND length(ha1_md5) = 32 AND length(ha1_sha256) = 64
"""
_TARGETS = f"""
SELECT ip_auth.id AS id, address, ip_auth.version AS v, company.id AS company, ip_auth.port AS port,
  CASE protocol WHEN 'tcp' THEN 'tcp' WHEN 'udp' THEN 'udp' ELSE 'tls' END AS transport, outbound_proxy AS proxy,
  {_TAG} AS tag, uac_username AS username, uac_realm AS realm, coalesce(ha1_md5, '') AS ha1
FROM ip_auth JOIN company ON company.id = company_id
LEFT JOIN credential ON owner = 'ip_auth' AND owner_id = ip_auth.id AND retired_by = ''
WHERE enabled AND direction = 'ingress' AND {_USABLE}"""
# The dialplan takes the first match alone, so that each rule is a plan of its own which names the next one. The plan
# of the first rule is found by its subject. The row for one blank, which no number can be, says what follows when a
# rule does not match.
_RULES = """
SELECT 0 AS id, 2147483000 AS dpid, 0 AS pr, 0 AS match_op, 'gen' AS match_exp, 0 AS match_len, '' AS subst_exp,
  '' || rewrites_at AS repl_exp, 'gen' AS attrs
FROM account
UNION ALL
SELECT id, dpid, 1, 1, match_exp, 0, subst_exp, repl_exp,
  'r=' || id || ';v=' || version || ';n=' || CASE WHEN stop THEN 0 ELSE following END || ';'
FROM chained
UNION ALL
SELECT id, dpid, 0, 0, ' ', 1, '', '', 'n=' || following || ';' FROM chained
UNION ALL
SELECT company_id, 2000000000 + company_id, 1, CASE WHEN ltrim(line, '+') GLOB '*[^0-9]*' THEN 1 ELSE 0 END, line, 0,
  '', '', 'cli' FROM cli_line"""
_CHAINED = """
SELECT id, version, match_exp, subst_exp, repl_exp, stop,
  CASE WHEN lag(id) OVER chain IS NULL
    THEN 1000000000 + owner_id * 4 + (owner = 'sip_user') * 2 + (parameter = 'cli') ELSE id END AS dpid,
  coalesce(lead(id) OVER chain, 0) AS following
FROM rewrite_rule WHERE match_exp <> ''
WINDOW chain AS (PARTITION BY owner, owner_id, parameter ORDER BY position, id)"""
_CLI_LINES = f"""
WITH RECURSIVE split(company_id, line, rest) AS (
  SELECT id, '', cli_allow_list || char(10) FROM company WHERE cli_allow_list <> '' AND {_USABLE}
  UNION ALL
  SELECT company_id, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
  FROM split WHERE rest <> ''
)
SELECT company_id, line FROM split WHERE line <> ''"""
_VIEWS = {
    "cli_line": _CLI_LINES,
    "chained": _CHAINED,
    "switch_version": "SELECT 'switch_address' AS table_name, 6 AS table_version UNION ALL SELECT 'switch_dialplan', 2"
    " UNION ALL SELECT 'switch_trusted', 6 UNION ALL SELECT 'switch_subscriber', 7",
    "switch_trusted": "SELECT '' AS src_ip, '' AS proto, '' AS from_pattern, '' AS ruri_pattern, '' AS tag,"
    " 0 AS priority WHERE 0",
    "switch_address": _ADDRESSES,
    "switch_shared": _SHARED,
    "switch_subscriber": _SUBSCRIBERS,
    "switch_target": _TARGETS,
    "switch_dialplan": _RULES,
    "switch_state": "SELECT generation, addresses_at, rewrites_at, realm FROM account",
}
