"""Edges from the shell: how they stand, what differs, and making one."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic, sleep

from cxtui.models.edge_job import EdgeJob
from cxtui.services import edge_jobs, edge_leaving, edge_orders, edge_overview
from cxtui.services.edge_overview import EdgeView
from cxtui.services.outcome import Change, refuse

from . import edge_shapes, edge_site
from .call import Call
from .entities import reason_option
from .grammar import Parser, whole_number
from .tables import table

_WAIT_SECONDS = 30
_LOOK_EVERY = 0.1
_PACKAGES_HELP = "the Debian packages that an edge needs, a line each: apt-get install $(cxtui edge packages)"


def furnish(parser: Parser) -> None:
    """Give ``edge`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="how each edge stands: generation, calls, registrations, trouble", usage="[options]")
    add("history", _history, help="how long each change took to be proven at an edge", usage="[NAME]")
    add("drift", _drift, help="what an edge holds and the database does not, and the reverse", usage="[NAME]")
    add("compare", _compare, help="have an edge compare what it holds with the database now", usage="NAME [--wait N]")
    words = "have an edge load everything anew and drop what the database does not know"
    add("reconcile", _reconcile, help=words, usage="NAME [--wait N]")
    add("forget", _forget, help="take an edge that is gone out of the list", usage="NAME [--yes]")
    words = "write the configuration and the services of an edge, and say what is left to do"
    add("config", edge_site.config_options, help=words, usage="--out DIR --listen PLACE… [options]")
    words = "a trial: Kamailio and its agent in the foreground, until Ctrl+C"
    add("run", edge_site.run_options, help=words, usage="[--listen PLACE…] [options]")
    add("packages", _packages, help=_PACKAGES_HELP, usage="")


def _list(parser: Parser) -> None:
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    views, now = _views(call, None), call.context.now()
    if call.output.as_json:
        call.output.records(edge_shapes.record(view) for view in views)
    elif views:
        call.output.lines(table(edge_shapes.LIST, (edge_shapes.cells(view, now) for view in views), call.output.room))
    else:
        call.output.note("No edge is attached: changes are recorded, and nothing enforces them.")
    return 0


def _history(parser: Parser) -> None:
    _one_or_all(parser)
    parser.set_defaults(act=_told_history)


def _told_history(call: Call) -> int:
    views = _views(call, call.given("which"))
    if call.output.as_json:
        call.output.records(edge_shapes.history(view) for view in views)
        return 0
    rows = [row for view in views for row in edge_shapes.proofs(view)]
    if rows:
        call.output.lines(table(edge_shapes.HISTORY, rows, call.output.room))
    for view in views:
        call.output.note(edge_shapes.speed(view))
    return 0


def _drift(parser: Parser) -> None:
    _one_or_all(parser)
    parser.set_defaults(act=_told_drift)


def _told_drift(call: Call) -> int:
    views = _views(call, call.given("which"))
    if call.output.as_json:
        call.output.records(edge_shapes.difference(view, row) for view in views for row in view.drift)
        return 0
    rows = [row for view in views for row in edge_shapes.differences(view)]
    if rows:
        call.output.lines(table(edge_shapes.DRIFT, rows, call.output.room))
    for view in views:
        call.output.note(edge_shapes.compared(view, call.context.now()))
    return 0


def _compare(parser: Parser) -> None:
    _order_options(parser)
    parser.set_defaults(act=lambda call: _ordered(call, edge_orders.compare(call.context, _one(call).state.edge)))


def _reconcile(parser: Parser) -> None:
    _order_options(parser)
    parser.set_defaults(act=lambda call: _ordered(call, edge_orders.reconcile(call.context, _one(call).state.edge)))


def _ordered(call: Call, change: Change) -> int:
    """Say what was ordered, and how it ended."""
    if not call.output.as_json:
        call.output.line(change.sentence)
    ids = [row.id for row in change.rows if isinstance(row, EdgeJob)]
    until = monotonic() + call.given("wait")
    while not all(map(edge_jobs.ended, jobs := edge_jobs.outcomes(call.context, ids))) and monotonic() < until:
        sleep(_LOOK_EVERY)
    ok = bool(jobs) and all(map(edge_jobs.went_well, jobs))
    said = " ".join(job.result for job in jobs) or f"Not ended after {call.given('wait')} s."
    if call.output.as_json:
        call.output.record({"change": change.id, "done": change.sentence, "ok": ok, "result": said})
    else:
        call.output.line(said)
    return 0 if ok else 1


def _forget(parser: Parser) -> None:
    parser.add_argument("which", metavar="NAME", help="the name of the edge")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    reason_option(parser)
    parser.set_defaults(act=_forgotten)


def _forgotten(call: Call) -> int:
    view = _one(call)
    if not call.confirm(f"Forget the edge {view.state.edge.name}"):
        return 1
    return call.changed(edge_leaving.forget(call.context, view.state.edge, reason=call.reason))


def _packages(parser: Parser) -> None:
    parser.set_defaults(act=_told_packages)


def _told_packages(call: Call) -> int:
    from cxtui.edge.switch_config import PACKAGES

    if call.output.as_json:
        call.output.record([*PACKAGES])
    else:
        call.output.lines(PACKAGES)
    return 0


def _one_or_all(parser: Parser) -> None:
    parser.add_argument("which", metavar="NAME", nargs="?", help="only this edge")


def _order_options(parser: Parser) -> None:
    parser.add_argument("which", metavar="NAME", help="the name of the edge")
    words = f"seconds to wait for the outcome (usually {_WAIT_SECONDS})"
    parser.add_argument("--wait", metavar="N", type=whole_number, default=_WAIT_SECONDS, help=words)


def _views(call: Call, name: str | None) -> Sequence[EdgeView]:
    """All edges, or the one of a name. Raises ``Refused``."""
    found = edge_overview.overview(call.context).edges
    if name is None:
        return found
    mine = [view for view in found if view.state.edge.name == name]
    if not mine:
        known = ", ".join(view.state.edge.name for view in found) or "none is attached"
        raise refuse("edge", f"there is no edge {name} ({known})")
    return mine


def _one(call: Call) -> EdgeView:
    return _views(call, call.given("which"))[0]
