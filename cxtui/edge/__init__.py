"""Beside the switch: its configuration, and the agent that makes it match the database and proves it."""

from __future__ import annotations
