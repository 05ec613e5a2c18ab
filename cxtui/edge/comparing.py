"""What a switch holds against what the database says it should hold: the drift between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from time import time
from typing import Any

from cxtui.models.edge import Drift
from cxtui.services import edge_reports

from .blocking import LAYER, Blocking
from .station import Station

MOST_ADDRESSES = 5_000
"""Above so many entries the switch takes seconds to list them; then a sample is asked for one by one."""

_SAMPLE = 200
_MOST_PLANS = 300
_DUMP_TIMEOUT = 60.0
_GENERATION_GROUP = 999

_UNWANTED = """
WITH part(cli) AS (VALUES (0), (1))
SELECT dpid FROM (
  SELECT 1000000000 + id * 4 + cli AS dpid FROM ip_auth JOIN part WHERE NOT EXISTS (
    SELECT 1 FROM rewrite_rule WHERE owner = 'ip_auth' AND owner_id = ip_auth.id AND (parameter = 'cli') = cli
      AND match_exp <> ''
  ) ORDER BY id DESC LIMIT ?1)
UNION ALL SELECT dpid FROM (
  SELECT 1000000002 + id * 4 + cli AS dpid FROM sip_user JOIN part WHERE NOT EXISTS (
    SELECT 1 FROM rewrite_rule WHERE owner = 'sip_user' AND owner_id = sip_user.id AND (parameter = 'cli') = cli
      AND match_exp <> ''
  ) ORDER BY id DESC LIMIT ?1)"""
"""The first plans of the newest subjects that have no rules; the view would walk through the rules of all of them."""

Row = tuple[str, str]
"""What names a row, and what it says."""


class Comparison:
    """Compares one switch with the database."""

    def __init__(self, station: Station, blocking: Blocking) -> None:
        self._station = station
        self._blocking = blocking

    async def run(self) -> list[Drift]:
        """Everything that differs, which is written down too. Raises ``Refused`` or ``SwitchGone``."""
        found = [*await self._realm(), *await self._addresses(), *await self._rewrites(), *await self._blocks()]
        station = self._station
        await station.store(edge_reports.drifted, station.context, station.edge_id, found)
        await station.beat(checked_at=time())
        return found

    async def _realm(self) -> list[Drift]:
        read = await self._station.ask("cxtui.generation")
        ours, its = str(read.get("realm", "")), str(read.get("own_realm", ""))
        if ours == its:
            return []
        return [self._drift("realm", its, "edge", f"the database has {ours}: write its configuration anew")]

    async def _addresses(self) -> list[Drift]:
        rows = await self._station.store(self._wanted_addresses)
        if len(rows) > MOST_ADDRESSES:
            return await self._sampled(rows)
        hosts = await self._station.ask("permissions.addressDump", timeout=_DUMP_TIMEOUT)
        networks = await self._station.ask("permissions.subnetDump", timeout=_DUMP_TIMEOUT)
        live = [*_entries(hosts, None), *_entries(networks, "mask")]
        return list(self._differences("address", [(key, tag) for key, tag, _, _ in rows], live))

    async def _sampled(self, rows: list[tuple[str, str, str, str]]) -> list[Drift]:
        found = []
        step = max(1, len(rows) // _SAMPLE)
        for key, tag, group, address in rows[::step]:
            read = await self._station.ask("cxtui.address", group, address, key.rpartition(":")[2])
            if not str(read.get("tag", "")):
                found.append(self._drift("address", key, "database", f"not in the switch: {tag}"))
        return found

    def _wanted_addresses(self) -> list[tuple[str, str, str, str]]:
        with self._station.context.database.reading() as link:
            rows = link.execute(
                "SELECT grp, ip_addr, mask, port, tag FROM switch_address WHERE grp <> ?", (_GENERATION_GROUP,)
            ).fetchall()
        return [(_key(*row[:4]), row[4], str(row[0]), row[1]) for row in rows]

    async def _rewrites(self) -> list[Drift]:
        wanted = await self._station.store(self._wanted_rewrites)
        live: list[Row] = []
        for plan in dict.fromkeys(plan for plan, _, _ in wanted):
            said = await self._station.ask("dialplan.dump", plan)
            live += _rules(plan, said)
        for plan in await self._station.store(self._unwanted_plans):
            if await self._has_rules(plan):
                live += _rules(plan, await self._station.ask("dialplan.dump", plan))
        return list(self._differences("rewrite", [(key, text) for _, key, text in wanted], live))

    def _wanted_rewrites(self) -> list[tuple[int, str, str]]:
        with self._station.context.database.reading() as link:
            rows = link.execute(
                "SELECT dpid, pr, match_exp, subst_exp, repl_exp, attrs FROM switch_dialplan WHERE dpid IN"
                " (SELECT DISTINCT dpid FROM switch_dialplan WHERE id > 0 LIMIT ?) ORDER BY dpid, pr",
                (_MOST_PLANS,),
            ).fetchall()
        return [(row[0], f"plan {row[0]} rule {row[1]} {row[5]}", f"{row[2]} → {row[4]}") for row in rows]

    def _unwanted_plans(self) -> list[int]:
        """The first plans of subjects without any rule, of which the switch should hold nothing."""
        with self._station.context.database.reading() as link:
            rows = link.execute(_UNWANTED, (_MOST_PLANS // 2,)).fetchall()
        return [int(row[0]) for row in rows]

    async def _has_rules(self, plan: int) -> bool:
        """Whether the switch has rules in a plan: one blank, which no number can be, comes to nothing there.

        To dump a plan that is not there would be an error in the switch's log, every time.
        """
        read = await self._station.ask("cxtui.rewrite", str(plan), " ")
        return isinstance(read, dict) and read.get("number") == ""

    async def _blocks(self) -> list[Drift]:
        held = await self._blocking.held()
        wanted = await self._station.store(self._wanted_blocks)
        extra = [self._drift("block", one, "edge", "blocked in the switch alone") for one in sorted(held - wanted)]
        lost = [self._drift("block", one, "database", "the switch does not hold it") for one in sorted(wanted - held)]
        return [*extra, *lost]

    def _wanted_blocks(self) -> set[str]:
        with self._station.context.database.reading() as link:
            rows = link.execute(
                "SELECT address FROM hold JOIN block ON block.id = block_id WHERE edge_id = ? AND layer = ?",
                (self._station.edge_id, LAYER),
            )
            return {row[0] for row in rows}

    def _differences(self, part: str, wanted: Iterable[Row], live: Iterable[Row]) -> Iterator[Drift]:
        ours, its = Counter(wanted), Counter(live)
        for key, text in its - ours:
            yield self._drift(part, key, "edge", text)
        for key, text in ours - its:
            yield self._drift(part, key, "database", text)

    def _drift(self, part: str, key: str, side: str, detail: str) -> Drift:
        return Drift(edge_id=self._station.edge_id, part=part, key=key, side=side, detail=detail, seen_at=time())


def _key(group: int, address: str, mask: int, port: int) -> str:
    try:
        host = ip_address(address)
    except ValueError:
        return f"group {group} {address}/{mask}:{port}"
    whole = mask == host.max_prefixlen
    return f"group {group} {host}{'' if whole else f'/{mask}'}:{port}"


def _entries(said: Any, mask: str | None) -> Iterator[Row]:
    for entry in said if isinstance(said, list) else []:
        item = entry.get("item", {}) if isinstance(entry, dict) else {}
        group, address = entry.get("group", 0), str(item.get("ip", ""))
        if group == _GENERATION_GROUP:
            continue
        try:
            whole: int = ip_address(address).max_prefixlen
        except ValueError:
            whole = 0
        length = int(item.get(mask, 0)) if mask else whole
        yield _key(group, address, length, int(item.get("port", 0))), str(item.get("tag", ""))


def _rules(plan: int, said: Any) -> Iterator[Row]:
    for one in said.get("ENTRIES", []) if isinstance(said, dict) else []:
        entry = one.get("ENTRY", {}) if isinstance(one, dict) else {}
        key = f"plan {plan} rule {entry.get('PRIO')} {entry.get('ATTRS')}"
        yield key, f"{entry.get('MATCHEXP') or ''} → {entry.get('REPLEXP') or ''}"
