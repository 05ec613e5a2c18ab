"""Taking an edge that is gone out of the list; one that still speaks would come back with its next heartbeat."""

from __future__ import annotations

from cxtui.models.edge import Edge
from cxtui.rules.durations import since
from cxtui.rules.printable import clean

from . import edges
from .context import Context
from .edge_states import SILENT_AFTER
from .outcome import Change, ServiceError
from .writing import writing


def forget(context: Context, edge: Edge, *, reason: str = "") -> Change:
    """Forget an edge with all that it reported; blocks that only it held and nobody wants end.

    Raises ``Gone`` for one that left already, ``ServiceError`` for one that speaks.
    """
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(edge)
        name, silence = clean(stored.name), writer.now - stored.heartbeat_at
        if silence <= SILENT_AFTER:
            raise ServiceError(f"{name} spoke {since(silence)}: end its agent first.")
        writer.note("FORGET", stored, f"edge {name} taken out of the list")
        change = writer.change(f"{name} is forgotten.", stored)
    edges.leave(context, stored.name)
    return change
