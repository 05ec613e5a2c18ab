"""A terminal console for operators who manage IP and SIP authentication at a Kamailio edge."""

from __future__ import annotations

__version__ = "0.1.0"
