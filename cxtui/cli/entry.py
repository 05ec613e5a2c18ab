"""From the words of a command line to an exit code: whatever goes wrong on the way is one sentence, never a traceback.

What a verb needs is imported when that verb is called, so that help and version come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .grammar import Parser, UsageError
from .output import Output

OK, REFUSED, USAGE, STORE, CONFLICT, INTERNAL, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 4, 70, 130, 141


def run(words: Sequence[str]) -> int:
    """Do what ``words`` say and return the exit code; nothing is raised."""
    _prepare_streams()
    output = Output(as_json="--json" in words)
    try:
        code = _answer(words, output)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        output.abandon()
        return PIPE_CLOSED
    except OSError as problem:
        output.abandon()
        output.note(f"cxtui: the output cannot be written: {problem.strerror}.")
        return INTERNAL
    except KeyboardInterrupt:
        return INTERRUPTED


def _prepare_streams() -> None:
    """Make the streams take any text; one that the caller has closed leads nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _answer(words: Sequence[str], output: Output) -> int:
    try:
        return _dispatch(words, output)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else OK
    except BrokenPipeError:
        raise
    except UsageError as problem:
        output.failed(str(problem), hint=problem.hint)
        return USAGE
    except Exception as problem:
        return _explain(problem, output)


def _dispatch(words: Sequence[str], output: Output) -> int:
    if any(not word.isascii() and any("\ud800" <= letter <= "\udfff" for letter in word) for word in words):
        raise UsageError("the command line holds bytes that are not UTF-8 text")
    from .verbs import furnish

    parser = Parser("cxtui", furnish)
    arguments = parser.parse_args(words)
    output.as_json = getattr(arguments, "json", False)
    from .call import Call

    with Call(arguments, output) as call:
        code: int = arguments.act(call)
    return code


def _explain(problem: Exception, output: Output) -> int:
    """Say what stopped the verb, and give the exit code that says it to a script."""
    from cxtui.config import ConfigError
    from cxtui.edge.site import EdgeError
    from cxtui.models.errors import SentenceError
    from cxtui.services.outcome import Conflict, Gone, NeedsConfirmation, Refused, ServiceError
    from cxtui.store.errors import StoreError

    match problem:
        case ConfigError():
            output.failed(str(problem))
            return USAGE
        case StoreError():
            output.failed(str(problem))
            return STORE
        case Refused():
            output.refused(problem.findings)
            return REFUSED
        case NeedsConfirmation():
            output.failed(f"{problem} Say that you mean it with: --confirm {problem.word}", confirm=problem.word)
            return REFUSED
        case Conflict():
            output.failed(f"{problem}; nothing was saved.", fields=list(problem.fields), by=problem.by)
            return CONFLICT
        case ServiceError():
            output.failed(str(problem))
            return CONFLICT if isinstance(problem, Gone) else REFUSED
        case SentenceError():
            output.failed(str(problem))
            return REFUSED if isinstance(problem, EdgeError) else STORE
    return _unforeseen(problem, output)


def _unforeseen(problem: Exception, output: Output) -> int:
    if os.environ.get("CXTUI_DEBUG") == "1":
        import traceback

        traceback.print_exception(problem)
    if isinstance(problem, PermissionError) and problem.filename:
        output.failed(f"{problem.filename}: {problem.strerror}.")
        return STORE
    if isinstance(problem, OSError) and problem.strerror:
        output.failed(f"The system refused: {problem.strerror}.")
    else:
        # The message of an error nobody foresaw may hold anything, a password too.
        words = f"Something went wrong inside cxtui ({type(problem).__name__}). CXTUI_DEBUG=1 shows where."
        output.failed(words)
    return INTERNAL
