"""A Kamailio as small as the clients' own tests need; what the project runs at its edge is not this."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Self

from cxtui.rules.digest import ha1
from tests.edge.clients import ports
from tests.edge.clients.process import Child
from tests.edge.clients.raw import Datagrams, options
from tests.edge.clients.waiting import wait_until

REALM = "sip.test"

_TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE version (table_name TEXT, table_version INTEGER);
INSERT INTO version VALUES ('subscriber', 7);
CREATE TABLE subscriber (username TEXT, domain TEXT, ha1 TEXT, PRIMARY KEY (username, domain));
"""
_CONFIG = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=1
auto_aliases=no
listen=udp:{edge}
listen=tcp:{edge}
{modules}
modparam("auth", "qop", "auth")
modparam("auth_db", "db_url", "sqlite:///{folder}/subscribers.db")
modparam("auth_db", "calculate_ha1", 0)
modparam("auth_db", "password_column", "ha1")
modparam("auth_db", "use_domain", 1)
modparam("usrloc", "db_mode", 0)

request_route {{
  if (is_method("OPTIONS") && $rU == $null) {{ sl_send_reply("200", "OK"); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    sl_send_reply("404", "Not Here");
    exit;
  }}
  t_check_trans();
  if (is_method("REGISTER")) {{
    if (!auth_check("{realm}", "subscriber", "1")) {{ auth_challenge("{realm}", "1"); exit; }}
    save("location");
    exit;
  }}
  if (is_method("INVITE") && !auth_check("{realm}", "subscriber", "1")) {{ proxy_challenge("{realm}", "1"); exit; }}
  consume_credentials();
  record_route();
  if (!lookup("location")) {{
    if (!is_method("INVITE")) {{ sl_send_reply("404", "Offline"); exit; }}
    $du = "sip:{far}";
  }}
  t_relay();
}}
"""
_MODULES = ("db_sqlite", "tm", "sl", "rr", "pv", "usrloc", "registrar", "textops", "siputils", "auth", "auth_db")


class Proxy:
    """Registers the users it is told of, lets them call, and relays to whom it knows or else to `far`."""

    def __init__(self, far: str) -> None:
        """Say where ("address:port") calls go to that are for nobody registered; entering the context starts it."""
        self._far = far
        self.edge = ports.join("127.0.0.1", ports.free())

    def __enter__(self) -> Self:
        """Start it, and return once it answers."""
        folder = Path(tempfile.mkdtemp(prefix="cxtui-proxy-"))
        self._folder = folder
        # Held open: with nobody else at the file, Kamailio's processes can get into each other's way at the start.
        self._database = sqlite3.connect(folder / "subscribers.db", isolation_level=None)
        self._database.executescript(_TABLES)
        modules = "\n".join(f'loadmodule "{name}.so"' for name in _MODULES)
        config = folder / "kamailio.cfg"
        config.write_text(
            _CONFIG.format(edge=self.edge, far=self._far, folder=folder, realm=REALM, modules=modules), encoding="utf-8"
        )
        where = ["-P", str(folder / "pid"), "-Y", str(folder), "-w", str(folder)]
        self._child = Child(["kamailio", "-f", str(config), "-DD", "-E", "-m", "64", "-M", "8", *where], folder / "log")
        try:
            wait_until(self._answers, f"Kamailio at {self.edge}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _answers(self) -> bool:
        assert not self._child.ended, f"Kamailio ended: {self._child.tail()}"
        with Datagrams("127.0.0.1") as probe:
            return probe.ask(options(probe.endpoint), self.edge, timeout=0.05) is not None

    def __exit__(self, *_: object) -> None:
        """End it and remove its files."""
        self._child.stop()
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def admit(self, user: str, password: str) -> None:
        """Let a user in with this password, and with no other from now on."""
        __tracebackhide__ = True
        row = (user, REALM, ha1(user, REALM, password).md5)
        self._database.execute("INSERT OR REPLACE INTO subscriber VALUES (?, ?, ?)", row)
