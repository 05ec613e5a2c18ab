"""The SQLModel tables, made from the entities, so that no field is written down twice.

Importing this module costs what SQLModel costs (about 0.3 s and 29 MB): only writes and migrations do.
"""

from __future__ import annotations

import types
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block, Hold
from cxtui.models.delayed_save import DelayedSave
from cxtui.models.edge import Drift, Propagation
from cxtui.models.edge_job import EdgeJob
from cxtui.models.fields import Entity, FieldSpec, Kind, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.registration import Registration
from cxtui.models.rewrite import RewriteRule, RewriteTest
from cxtui.models.sip_user import AllowedRange, Credential, SipUser

from . import names
from .names import entity_of, table_of

_COLUMN_TYPES: dict[Kind, Any] = {
    Kind.INTEGER: sa.BigInteger,
    Kind.REFERENCE: sa.Integer,
    Kind.BOOLEAN: sa.Boolean,
    Kind.BYTES: sa.LargeBinary,
    Kind.TIME: sa.Float,
}
_PYTHON_TYPES: dict[Kind, type] = {
    Kind.INTEGER: int,
    Kind.REFERENCE: int,
    Kind.BOOLEAN: bool,
    Kind.BYTES: bytes,
    Kind.TIME: float,
}

_LIVE = sa.text("lifted_at IS NULL")
_LEAVING = sa.text("wanted = 'unblocked' AND lifted_at IS NULL")
_INDEXES: dict[type[Entity], tuple[sa.Index, ...]] = {
    IpAuth: (
        sa.Index("ip_auth_range", "first", "last"),
        sa.Index("ip_auth_company", "company_id", "first", "last"),
        sa.Index("ip_auth_address", "address"),
    ),
    SipUser: (sa.Index("sip_user_company", "company_id", "username"), sa.Index("sip_user_profile", "profile_id")),
    AllowedRange: (sa.Index("allowed_range_range", "first", "last"), sa.Index("allowed_range_user", "sip_user_id")),
    RewriteRule: (sa.Index("rewrite_rule_owner", "owner", "owner_id", "position"),),
    RewriteTest: (sa.Index("rewrite_test_owner", "owner", "owner_id"),),
    Credential: (sa.Index("credential_owner", "owner", "owner_id"),),
    Block: (
        sa.Index("block_live", "packed", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index("block_order", "ours", "since", sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index("block_company", "company_id", "since", sqlite_where=sa.text("company_id IS NOT NULL")),
        sa.Index("block_address", "address"),
        sa.Index("block_leaving", "id", sqlite_where=_LEAVING, postgresql_where=_LEAVING),
        sa.Index("block_since", "since"),
        sa.Index("block_expiry", "expires_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
    ),
    Hold: (
        sa.Index("hold_place", "block_id", "edge_id", "layer", unique=True),
        sa.Index("hold_edge", "edge_id", "layer", "block_id"),
    ),
    AuditEntry: (sa.Index("audit_object", "entity", "entity_id"),),
    DelayedSave: (sa.Index("delayed_save_due", "state", "due_at"),),
    Propagation: (sa.Index("propagation_edge", "edge_id", "generation", unique=True),),
    Drift: (sa.Index("drift_place", "edge_id", "part", "key", "side", unique=True),),
    Registration: (
        sa.Index("registration_place", "edge_id", "ruid", unique=True),
        sa.Index("registration_user", "sip_user_id"),
        sa.Index("registration_company", "company_id", "username"),
        sa.Index("registration_order", "username", "id"),
        sa.Index("registration_source", "packed"),
    ),
    EdgeJob: (sa.Index("edge_job_waiting", "edge_id", "state"), sa.Index("edge_job_created", "created_at")),
}


def _column(spec: FieldSpec) -> tuple[Any, Any]:
    python: Any = _PYTHON_TYPES.get(spec.kind, str)
    keys: list[Any] = [sa.ForeignKey(f"{spec.refers_to}.id")] if spec.refers_to else []
    column = sa.Column(
        spec.name,
        _COLUMN_TYPES.get(spec.kind, sa.Text),
        *keys,
        nullable=spec.nullable,
        unique=spec.unique or None,
        index=spec.indexed or None,
    )
    return (python | None if spec.nullable else python), Field(default=None, sa_column=column)


def _table(entity: type[Entity]) -> type[SQLModel]:
    namespace: dict[str, Any] = {
        "__tablename__": table_of(entity),
        "__table_args__": (*_INDEXES.get(entity, ()), {"sqlite_autoincrement": True}),
        "__module__": __name__,
        "__doc__": f"The table of {entity.__name__}.",
        "id": Field(default=None, primary_key=True),
        "version": Field(default=1, nullable=False),
    }
    annotations: dict[str, Any] = {"id": int | None, "version": int}
    for name, spec in specs(entity).items():
        annotations[name], namespace[name] = _column(spec)
    namespace["__annotations__"] = annotations
    return types.new_class(f"{entity.__name__}Table", (SQLModel,), {"table": True}, lambda body: body.update(namespace))


TABLES: dict[type[Entity], type[SQLModel]] = {entity: _table(entity) for entity in map(entity_of, names.TABLES)}
METADATA = SQLModel.metadata
