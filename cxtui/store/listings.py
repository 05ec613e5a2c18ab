"""The lists of the console."""

from __future__ import annotations

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.registration import Registration
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser

from .windows import Listing

COMPANIES = Listing(Company, ("name",), prefix="name")
PROFILES = Listing(SipProfile, ("name",), prefix="name")
IP_AUTH = Listing(IpAuth, ("first", "last", "id"), prefix="address")
SIP_USERS = Listing(SipUser, ("username",), prefix="username")
AUDIT = Listing(AuditEntry, ("id",), prefix="operator", descending=True)
REGISTRATIONS = Listing(Registration, ("username", "id"), prefix="username")
BLOCKS = Listing(Block, ("ours", "since", "id"), prefix="address", descending=True, where="block.lifted_at IS NULL")
