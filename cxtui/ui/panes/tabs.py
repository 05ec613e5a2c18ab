"""The tabs in their order, each imported when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxtui.ui.desk import Desk
from cxtui.ui.panes.pane import Pane


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name, its title, and how its pane is made."""

    name: str
    title: str
    make: Callable[[Desk], Pane]


def _companies(desk: Desk) -> Pane:
    from cxtui.ui.panes.companies import CompaniesPane

    return CompaniesPane(desk)


def _auth(desk: Desk) -> Pane:
    from cxtui.ui.panes.auth import AuthPane

    return AuthPane(desk)


def _ip(desk: Desk) -> Pane:
    from cxtui.ui.panes.ip_auth import IpAuthPane

    return IpAuthPane(desk)


def _sip(desk: Desk) -> Pane:
    from cxtui.ui.panes.sip_users import SipUsersPane

    return SipUsersPane(desk)


def _profiles(desk: Desk) -> Pane:
    from cxtui.ui.panes.profiles import ProfilesPane

    return ProfilesPane(desk)


def _firewall(desk: Desk) -> Pane:
    from cxtui.ui.panes.firewall import FirewallPane

    return FirewallPane(desk)


def _audit(desk: Desk) -> Pane:
    from cxtui.ui.panes.audit import AuditPane

    return AuditPane(desk)


TABS = (
    Tab("auth", "Auth", _auth),
    Tab("ip_auth", "IP", _ip),
    Tab("sip_users", "SIP", _sip),
    Tab("blocks", "Firewall", _firewall),
    Tab("companies", "Companies", _companies),
    Tab("profiles", "Profiles", _profiles),
    Tab("audit", "Audit", _audit),
)
