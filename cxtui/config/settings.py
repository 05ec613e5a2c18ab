"""The settings, declared: each is one field of `Settings`.

Its help, its environment variable, its allowed values and its line in the sample file all come from that one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SITE_FILE = Path("/etc/cxtui/config.toml")
"""What the administrator of the machine sets for everybody."""

THEMES = ("auto", "dark", "light", "ansi")
ASCII_CHOICES = ("auto", "yes", "no")
PASSWORD_PROFILES = ("default", "legacy", "max34", "alnum")
SMTP_SECURITIES = ("none", "starttls", "tls")
ROLES = ("viewer", "operator", "admin")


class ConfigError(Exception):
    """A setting that cannot be used; the message is one sentence for the operator, naming source, key and remedy."""


def _about(
    help: str, kind: type, allowed: tuple[str, ...] = (), limits: tuple[int, int] | None = None, sample: str = ""
) -> dict[str, Any]:
    """What there is to know of a setting: `kind` is the Python type it is read as, `limits` are inclusive."""
    return {"help": help, "kind": kind, "allowed": allowed, "limits": limits, "sample": sample}


def _setting(help: str, default: Any, *, allowed: tuple[str, ...] = (), limits: tuple[int, int] | None = None) -> Any:
    """Declare a setting whose kind is that of its default."""
    return field(default=default, metadata=_about(help, type(default), allowed, limits))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this run of cxtui was told; built by `load`, passed down, never global."""

    db: Path = field(
        metadata=_about("The database file; `cxtui init` creates it.", Path, sample="~/.local/state/cxtui/cxtui.db")
    )
    theme: str = _setting(
        "Colours. auto: ansi (your terminal's own 16) where no more are known, else dark.", "auto", allowed=THEMES
    )
    ascii: str = _setting(
        "Draw state with plain ASCII. auto: when the locale is not UTF-8.", "auto", allowed=ASCII_CHOICES
    )
    realm: str = _setting(
        "The SIP realm that `cxtui init` writes into a new database. Changing it later means new passwords for all.",
        "sip.example.net",
    )
    password_profile: str = _setting(
        "How passwords are made. default: 16 characters, one of them _ or -; legacy: 12; max34: 34; alnum: no symbol.",
        "default",
        allowed=PASSWORD_PROFILES,
    )
    reveal_seconds: int = _setting(
        "Seconds that a new password stays on the screen before it is hidden.", 20, limits=(1, 600)
    )
    number_range_start: int = _setting(
        "The first extension of the first number block; `cxtui init` writes it into a new database.",
        1000,
        limits=(1, 10**9 - 1),
    )
    number_block_size: int = _setting(
        "How many extensions a number block holds; `cxtui init` writes it into a new database.",
        1000,
        limits=(1, 10**6),
    )
    ask_reason: bool = _setting("Ask for a reason or ticket before each change; the audit keeps it.", False)
    refresh_hz: int = _setting("The most repaints per second for live data.", 4, limits=(1, 5))
    readonly: bool = _setting("Change nothing, whatever the operator's role.", False)
    codecs: str = _setting("The codecs that can be restricted, separated by commas. Empty: cxtui's own list.", "")
    voicemail_db: Path | None = field(
        default=None,
        metadata=_about(
            "The voicemail server's database: FreeSWITCH's voicemail_<profile>.db, an SQLite file.",
            Path,
            sample="/var/lib/freeswitch/db/voicemail_default.db",
        ),
    )
    voicemail_storage: Path | None = field(
        default=None,
        metadata=_about(
            "The voicemail server's storage folder; the wav files are under it.",
            Path,
            sample="/var/lib/freeswitch/storage",
        ),
    )
    voicemail_profile: str = _setting("The name of the voicemail server's profile.", "default")
    voicemail_domain: str = _setting("The domain of the mailboxes. Empty: the realm of the database.", "")
    voicemail_keep_days: int = _setting("Days that deleted messages can be brought back.", 30, limits=(1, 3650))
    smtp_server: str = _setting("Where test mails go: host or host:port. Empty: nowhere.", "")
    smtp_security: str = _setting("How the mail server is spoken to.", "none", allowed=SMTP_SECURITIES)
    smtp_sender: str = _setting(
        "The sender of test mails, such as noc@example.com. It has to be set before one is sent.", ""
    )
    smtp_username: str = _setting("The login at the mail server. Empty: none is needed.", "")
    smtp_password_file: Path | None = field(
        default=None,
        metadata=_about(
            "A file that holds the password of that login, and nothing else.", Path, sample="/etc/cxtui/smtp-password"
        ),
    )
    keys: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Other keys for commands, by command id; `?` lists the ids.", dict, sample='"list.unblock" = "u"'
        ),
    )
    roles: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Which Unix groups have a role (several with commas between). Without any, everybody is admin."
            f" {SITE_FILE} is the place for it: there it holds for all, and nobody's own settings change it.",
            dict,
            ROLES,
            sample='operator = "noc"',
        ),
    )

    @property
    def numbers(self) -> tuple[int, int]:
        """The Internal Number Range Start and its Block Size of a new account (W-070)."""
        return self.number_range_start, self.number_block_size
