"""A running edge with a core behind it, for the tests of one module: what they need is saved first, then published."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any, Self

from cxtui.edge.trial import Trial
from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, credentials, ip_auth, lookup, sip_users
from cxtui.store.database import Database
from tests.edge.bench import Bench
from tests.edge.clients import ports
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.messages import Message
from tests.edge.clients.sipp import Outcome
from tests.edge.devices import Device
from tests.edge.dialling import Dialog, Line
from tests.edge.tls_switch import certified
from tests.support import PASSWORD, operator


class Ground:
    """An edge over a database of its own, and the core that calls go to.

    Companies, entries and users are saved through the services before it is entered as a context manager, so that one
    reload publishes them all. With ``tls`` it also listens on TLS, at ``address_tls``.
    """

    def __init__(self, template: Path, folder: Path, *, tls: bool = False, **site: Any) -> None:
        self.core = Answerer().__enter__()
        self.database = Database(Path(shutil.copy(template, folder / "cxtui.db")))
        self.noc = operator(self.database, "alice", time)
        self.acme = self.company("Acme Telecom")
        self.beta = self.company("Beta Ltd")
        self.bench = Bench(self.noc, folder, **{"core": f"sip:{self.core.endpoint}", **site})
        self.edge = self.bench.address
        self.address_tls = f"127.0.0.1:{ports.free()}"
        if tls:
            self._listen_on_tls(folder)

    def _listen_on_tls(self, folder: Path) -> None:
        key, certificate = certified(folder)
        listens = (*self.bench.site.listens, f"tls:{self.address_tls}")
        self.bench.site = replace(self.bench.site, listens=listens, tls_certificate=certificate, tls_key=key)
        self.bench.trial = Trial(self.bench.site)

    def __enter__(self) -> Self:
        """Start the edge, and return once it is proven to run all that was saved."""
        try:
            self.bench.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End everything."""
        try:
            self.bench.close()
        finally:
            self.core.__exit__()
            self.database.close()

    def company(self, name: str, **fields: str) -> Company:
        """The company of this name, added if there is none."""
        if found := companies.find_by_name(self.noc, name):
            return found
        companies.add(self.noc, {"name": name, **fields})
        return self.company(name)

    def entry(self, company: Company, address: str, **fields: str) -> IpAuth:
        """Save an entry, a sending one unless its direction says otherwise."""
        change = ip_auth.add(self.noc, company.id, {"direction": "egress", **fields, "address": address})
        (row,) = change.rows
        assert isinstance(row, IpAuth)
        return row

    def stored(self, key: int) -> IpAuth:
        """The entry as it is stored now."""
        row = lookup.row(self.noc, IpAuth, key)
        assert row is not None
        return row

    def user(self, company: Company, name: str, **fields: str) -> SipUser:
        """Save a SIP user with the tests' password."""
        sip_users.add(self.noc, company.id, {**fields, "username": name})
        user = lookup.sip_user(self.noc, name)
        assert user is not None
        credentials.set_password(self.noc, user, PASSWORD)
        return user

    def registered(self, name: str, endpoint: str) -> None:
        """Register a user's phone, which listens at "address:port"."""
        with Device(self.edge, name, source=endpoint.rpartition(":")[0]) as phone:
            answer = phone.register(contact=f"sip:{name}@{endpoint}")
        assert answer is not None
        assert answer.status == 200, answer.start

    def size(self, row: IpAuth | SipUser | Company) -> int:
        """How many calls the edge counts for an entry, a user or a company just now."""
        profile = {IpAuth: "entry", SipUser: "user", Company: "company"}[type(row)]
        return int(self.bench.rpc("dlg.profile_get_size", profile, str(row.id)))

    def until_quiet(self, *rows: IpAuth | SipUser | Company) -> None:
        """Wait until the edge counts no call for any of them."""
        self.bench.until(lambda: not any(map(self.size, rows)), "no call is counted any more")

    def line(self, source: str, port: int = 0) -> Line:
        """A switch at an address of loopback that calls through the edge, IPv6 included."""
        return Line(self.bench.address6 if ":" in source else self.edge, source, port)

    def from_core(self) -> Line:
        """The core as it calls through the edge: an address makes it the core."""
        return Line(self.edge, self.core.address)

    def arrived(self, call: Dialog | Outcome) -> list[Message]:
        """The INVITEs of a call, or of a run of calls, that the core received."""
        sent = [call.invite] if isinstance(call, Dialog) else call.messages
        wanted = {message.header("call-id") for message in sent}
        return [invite for invite in self.core.invites if invite.header("call-id") in wanted]
