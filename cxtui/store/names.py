"""Which table holds which entity."""

from __future__ import annotations

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block, Hold
from cxtui.models.company import Company
from cxtui.models.edge import Account, Edge
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import AllowedRange, Credential, SipUser

TABLE_OF: dict[type[Entity], str] = {
    Account: "account",
    Company: "company",
    SipProfile: "sip_profile",
    IpAuth: "ip_auth",
    SipUser: "sip_user",
    AllowedRange: "allowed_range",
    Credential: "credential",
    Edge: "edge",
    Block: "block",
    Hold: "hold",
    AuditEntry: "audit",
}

ENTITY_OF: dict[str, type[Entity]] = {table: entity for entity, table in TABLE_OF.items()}
