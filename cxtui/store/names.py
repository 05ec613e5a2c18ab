"""Which table holds which entity. Entities are imported when they are first asked for: most of them no start needs."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from cxtui.models.fields import Entity

_ENTITIES = {
    "account": ("edge", "Account"),
    "company": ("company", "Company"),
    "sip_profile": ("sip_profile", "SipProfile"),
    "ip_auth": ("ip_auth", "IpAuth"),
    "sip_user": ("sip_user", "SipUser"),
    "allowed_range": ("sip_user", "AllowedRange"),
    "credential": ("sip_user", "Credential"),
    "rewrite_rule": ("rewrite", "RewriteRule"),
    "rewrite_test": ("rewrite", "RewriteTest"),
    "deleted_message": ("deleted_message", "DeletedMessage"),
    "presence": ("presence", "Presence"),
    "delayed_save": ("delayed_save", "DelayedSave"),
    "edge": ("edge", "Edge"),
    "propagation": ("edge", "Propagation"),
    "drift": ("edge", "Drift"),
    "registration": ("registration", "Registration"),
    "edge_job": ("edge_job", "EdgeJob"),
    "block": ("block", "Block"),
    "hold": ("block", "Hold"),
    "audit": ("audit", "AuditEntry"),
}
"""The table, the module of ``models`` and the class in it."""

TABLES = tuple(_ENTITIES)
_TABLE_OF = {name: table for table, (_, name) in _ENTITIES.items()}


def table_of(entity: type[Entity]) -> str:
    """The table that holds ``entity``."""
    return _TABLE_OF[entity.__name__]


@cache
def entity_of(table: str) -> type[Entity]:
    """The entity in ``table``, one of ``TABLES``. Raises ``KeyError``."""
    module, name = _ENTITIES[table]
    entity: type[Entity] = getattr(import_module(f"cxtui.models.{module}"), name)
    return entity
