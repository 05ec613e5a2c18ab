"""The switch's own folder of registrations, so that they outlive its restart; cxtui's database it never writes.

Text files of Kamailio's db_text, read at its start and written at its end: a switch that is killed forgets what was
registered since it started, as one without the folder does. SQLite is no choice here: the read-only mode of Kamailio's
driver, which guards cxtui's database, holds for every file of the process (5.6.3).
"""

from __future__ import annotations

from pathlib import Path

from .site import EdgeError

# Version 9 of usrloc's table, in the notation of db_text.
_LOCATION = (
    "id(int,auto) ruid(string) username(string) domain(string,null) contact(string) received(string,null)"
    " path(string,null) expires(int) q(double) callid(string) cseq(int) last_modified(int) flags(int) cflags(int)"
    " user_agent(string) socket(string,null) methods(int,null) instance(string,null) reg_id(int) server_id(int)"
    " connection_id(int) keepalive(int) partition(int) \n"
)
_VERSION = "id(int,auto) table_name(string) table_version(int) \n1:location:9\n"
_FILES = {"location": _LOCATION, "switch_version": _VERSION}


def make_folder(path: Path) -> None:
    """Make the folder and what is missing in it. Raises ``EdgeError``."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in _FILES.items():
            file = path / name
            if not file.exists() or not file.stat().st_size:
                file.touch(mode=0o600)
                file.write_text(text, encoding="ascii")
    except OSError as problem:
        raise EdgeError(f"The folder of registrations {path} cannot be made: {problem.strerror}.") from None
