"""The tabs in their order, each imported when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxtui.ui.desk import Desk
from cxtui.ui.panes.pane import Pane


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name, its title, the key that leads to it, and how its pane is made."""

    name: str
    title: str
    key: str
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


def _codecs(desk: Desk) -> Pane:
    from cxtui.ui.panes.codecs import CodecsPane

    return CodecsPane(desk)


def _rewrite(desk: Desk) -> Pane:
    from cxtui.ui.panes.rewrite import RewritePane

    return RewritePane(desk)


def _voicemail(desk: Desk) -> Pane:
    from cxtui.ui.panes.voicemail import VoicemailPane

    return VoicemailPane(desk)


def _firewall(desk: Desk) -> Pane:
    from cxtui.ui.panes.firewall import FirewallPane

    return FirewallPane(desk)


def _edges(desk: Desk) -> Pane:
    from cxtui.ui.panes.edge import EdgePane

    return EdgePane(desk)


def _audit(desk: Desk) -> Pane:
    from cxtui.ui.panes.audit import AuditPane

    return AuditPane(desk)


TABS = (
    Tab("auth", "Auth", "1", _auth),
    Tab("ip_auth", "IP", "2", _ip),
    Tab("sip_users", "SIP", "3", _sip),
    Tab("codecs", "Codecs", "4", _codecs),
    Tab("rewrite", "Rewrite", "5", _rewrite),
    Tab("voicemail", "Voicemail", "6", _voicemail),
    Tab("blocks", "Firewall", "7", _firewall),
    Tab("edges", "Edge", "8", _edges),
    Tab("companies", "Companies", "c", _companies),
    Tab("audit", "Audit", "9", _audit),
    Tab("profiles", "Profiles", "i", _profiles),
)
