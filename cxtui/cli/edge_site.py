"""Making an edge from the shell: its files, to be installed, or a trial of it in the foreground."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .agent import CONTROL, timing_options, usable
from .call import Call
from .grammar import Parser, UsageError, whole_number

if TYPE_CHECKING:
    from cxtui.edge.site import Site
    from cxtui.edge.units import Installation

NAME = "edge1"
MAX_FAILURES = 20
VOICEMAIL_NUMBER = "*1"
TRIAL_LISTENS = ("udp:127.0.0.1:5060", "tcp:127.0.0.1:5060")
_POSTGRES = "postgres://"


def config_options(parser: Parser) -> None:
    """The options of ``edge config``."""
    parser.add_argument("--out", metavar="DIR", required=True, help="where the files go, and stay: /etc/cxtui/edge1")
    _site_options(parser, required=True)
    words = f"where Kamailio takes the agent's connection, on loopback (usually {CONTROL})"
    parser.add_argument("--control", metavar="ADDRESS:PORT", default=CONTROL, help=words)
    words = "what Kamailio reads instead of cxtui's own file: a postgres:// URL"
    parser.add_argument("--database", metavar="URL", default="", help=words)
    parser.add_argument("--force", action="store_true", help="replace files too that cxtui did not write")
    parser.set_defaults(act=_config)


def run_options(parser: Parser) -> None:
    """The options of ``edge run``."""
    _site_options(parser, required=False)
    words = "the folder of its files, yours alone; usually edge/NAME beside the database"
    parser.add_argument("--run", metavar="DIR", help=words)
    parser.set_defaults(act=_run)


def _site_options(parser: Parser, *, required: bool) -> None:
    parser.add_argument("--name", metavar="NAME", default=NAME, help=f"the name of the edge (usually {NAME})")
    words = "where it takes SIP: udp:ADDRESS:PORT, tcp: or tls:; several times for several"
    if not required:
        words += f" (usually {' and '.join(TRIAL_LISTENS)})"
    parser.add_argument("--listen", metavar="PLACE", action="append", required=required, help=words)
    words = "where calls go that are for nobody here, and come from: sip:ADDRESS:PORT"
    parser.add_argument("--core", metavar="URI", default="", help=words)
    parser.add_argument("--voicemail", metavar="URI", default="", help="the voicemail server: sip:HOST:PORT")
    words = f"the number that reaches the voicemail (usually {VOICEMAIL_NUMBER})"
    parser.add_argument("--voicemail-number", metavar="NUMBER", default=VOICEMAIL_NUMBER, help=words)
    words = "addresses and networks that are never blocked"
    parser.add_argument("--trusted", metavar="NET", nargs="+", action="extend", default=[], help=words)
    timing_options(parser)
    words = f"failed logins of an address within a minute that block it (usually {MAX_FAILURES})"
    parser.add_argument("--max-failures", metavar="N", type=whole_number, default=MAX_FAILURES, help=words)
    words = "ask for SHA-256 digests (RFC 8760) instead of MD5; many phones cannot"
    parser.add_argument("--sha256", action="store_true", help=words)
    parser.add_argument("--tls-certificate", metavar="FILE", default="", help="for tls: the certificate, in PEM")
    parser.add_argument("--tls-key", metavar="FILE", default="", help="for tls: its private key, in PEM")


def _given(call: Call) -> dict[str, Any]:
    """The options of ``Site`` that were given to either verb."""
    same = ("core", "voicemail", "voicemail_number", "ping_interval", "missed_pings", "block_seconds", "max_failures")
    return {
        **{name: call.given(name) for name in (*same, "sha256")},
        "trusted": tuple(call.given("trusted")),
        **{name: str(Path(call.given(name)).absolute()) for name in ("tls_certificate", "tls_key") if call.given(name)},
    }


def _config(call: Call) -> int:
    from cxtui.edge import installation

    url = call.given("database")
    if url and not url.startswith(_POSTGRES):
        raise UsageError(f"--database takes a URL that begins with {_POSTGRES}; a file is named with --db")
    installed = _installation(call, Path(call.given("out")).absolute())
    files = installation.write_files(installed, force=call.given("force"))
    checked = installation.check_config(installed.folder / "kamailio.cfg")
    steps, doubts = installation.next_steps(installed), installation.doubts(installed)
    if call.output.as_json:
        verdict = {"ok": checked[0], "said": checked[1]} if checked else None
        answer = {"folder": str(installed.folder), "files": files, "realm": installed.site.realm}
        call.output.record({**answer, "checked": verdict, "doubts": doubts, "next": steps})
    else:
        call.output.line(f"Written to {installed.folder}: {', '.join(files)}.")
        call.output.line(f"Realm {installed.site.realm}, as the database has it.")
        call.output.line(_verdict(checked))
        call.output.lines(["", "What is left to do, as root:", *(f"  {step}" for step in steps)])
        for doubt in doubts:
            call.output.note(f"warning: {doubt}")
    return 0 if checked is None or checked[0] else 1


def _verdict(checked: tuple[bool, str] | None) -> str:
    if checked is None:
        return "Kamailio is not installed here, so it was not asked what it says of its configuration."
    return f"Kamailio says: {checked[1]}" if checked[0] else f"Kamailio refuses the configuration: {checked[1]}"


def _installation(call: Call, folder: Path) -> Installation:
    from cxtui.edge import installation, units
    from cxtui.edge.site import Site
    from cxtui.edge.sites import codec_names, new_secret
    from cxtui.edge.switch_config import write_config
    from cxtui.services.credentials import realm_of

    database, kept = call.settings.db, folder / units.SECRET_FILE
    secret = installation.read_secret(kept) if kept.exists() else new_secret()
    with usable():
        site = Site(
            name=call.given("name"),
            realm=realm_of(call.context),
            database=call.given("database") or str(database),
            run=units.RUN,
            listens=tuple(call.given("listen")),
            control=call.given("control"),
            secret=secret,
            locations=str(units.LOCATIONS),
            codecs=codec_names(call.context),
            **_given(call),
        )
        write_config(site)
    return units.Installation(
        site=site,
        folder=folder,
        database=database,
        owner=_owner(database),
        program=_program(),
        log=Path(f"/var/log/cxtui-{site.name}.log"),
    )


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)


def _program() -> tuple[str, ...]:
    """The words that start this program, for whoever has another PATH."""
    begun = Path(sys.argv[0]).resolve()
    if begun.name == "cxtui" and begun.is_file():
        return (str(begun),)
    return (sys.executable, "-m", "cxtui")


def _run(call: Call) -> int:
    from cxtui.edge.foreground import Foreground, until_signalled
    from cxtui.rules.roles import Role
    from cxtui.services.writing import require

    require(call.context, Role.OPERATOR)
    site = _trial(call)
    edge = Foreground(call.context, site, lambda line: _tell(call, line))
    until_signalled(edge.run, edge.stop)
    return 0


def _trial(call: Call) -> Site:
    from cxtui.edge.sites import trial_site
    from cxtui.edge.switch_config import write_config

    name, run = call.given("name"), call.given("run")
    folder = Path(run).absolute() if run else call.settings.db.parent / "edge" / name
    listens = tuple(call.given("listen") or TRIAL_LISTENS)
    with usable():
        site = trial_site(call.context, folder, name, listens, locations=str(folder / "locations"), **_given(call))
        write_config(site)
    return site


def _tell(call: Call, line: str) -> None:
    # Whoever read the lines may have gone away; the edge stays until it is ended.
    with suppress(OSError):
        if call.output.as_json:
            call.output.record({"said": line})
        else:
            call.output.line(line)
        sys.stdout.flush()
