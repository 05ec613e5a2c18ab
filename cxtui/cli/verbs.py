"""All verbs by name; what each needs is imported when it is called."""

from __future__ import annotations

from .call import Call
from .grammar import Parser, whole_number
from .manual import MANUAL


def furnish(parser: Parser) -> None:
    """Give the program its verbs; without one it is the console."""
    parser.manual = MANUAL
    parser.set_defaults(act=_console)
    parser.add_argument("-V", "--version", action="version", version=_version())
    add = parser.verbs(required=False)
    add("company", lambda inner: _entity(inner, "COMPANY"), help="customers and carriers")
    add("ip", lambda inner: _entity(inner, "IP"), help="IP authentication entries")
    add("sip", lambda inner: _entity(inner, "SIP"), help="SIP users and their passwords")
    add("profile", lambda inner: _entity(inner, "PROFILE"), help="SIP profiles")
    add("registration", _registration, help="where SIP users are registered: list, ping, send messages, remove")
    add("cli", _cli, help="CLI allow lists, which tell companies on one address apart")
    add("codec", _codec, help="which codecs an IP entry or a SIP user may use")
    add("rewrite", _rewrite, help="rewrite rules of an IP entry or a SIP user, and the numbers they are tested with")
    add("voicemail", _voicemail, help="the voicemail of SIP users: messages, password, test mail")
    add("block", _block, help="blocked addresses")
    add("unblock", _unblock, help="let blocked addresses through again", usage="ADDRESS… [--reason TEXT]")
    add("edge", _edge, help="edges: how they stand, what differs, and making one")
    add("agent", _agent, help="the process beside an edge, until it is ended", usage="--name NAME --secret-file FILE …")
    add("find", _find, help="what an address, network, username or name may mean", usage="TEXT")
    add("undo", _undo, help="take back your last change", usage="[CHANGE] [--confirm CHANGE]")
    add("later", _later, help="saves that wait for their time: Delay and Save of the console's forms")
    add("import", _import, help="rows of a CSV file: the plan, or all of it", usage="FILE --kind sip|ip [--apply]")
    add("export", _export, help="all rows as CSV", usage="sip|ip [--company NAME] [--output FILE]")
    add(
        "lint",
        _lint,
        help="what is wrong or doubtful in all that is stored; exit code 1 if anything is",
        usage="[--company NAME] [--errors]",
    )
    add("audit", _audit, help="who changed what, and whether the log is whole")
    add("init", _init, help="make the database, or bring it up to date", usage="[--realm REALM]")
    add("config", _config, help="the settings in effect, or a sample file", usage="[--sample]")
    add("completion", _completion, help="a script with which the shell completes verbs and options", usage="SHELL")
    add("help", _help, help="how a verb is written", usage="[VERB] [--man]")
    add(
        "demo",
        _demo,
        help="the console with sample customers under attack",
        usage="[--scale N] [--edge] [--no-attack] [--no-console]",
    )


def _version() -> str:
    from cxtui import __version__

    return f"cxtui {__version__}"


def _console(call: Call) -> int:
    import gc

    # What is made from here on lives as long as the console, which collects again once it stands.
    gc.disable()
    from cxtui.ui.start import run

    code: int = run(call.settings)
    return code


def _entity(parser: Parser, name: str) -> None:
    from . import entities, nouns

    entities.furnish(getattr(nouns, name), parser)


def _registration(parser: Parser) -> None:
    from . import registrations

    registrations.furnish(parser)


def _cli(parser: Parser) -> None:
    from . import cli_lists

    cli_lists.furnish(parser)


def _codec(parser: Parser) -> None:
    from . import codecs

    codecs.furnish(parser)


def _rewrite(parser: Parser) -> None:
    from . import rewrites

    rewrites.furnish(parser)


def _voicemail(parser: Parser) -> None:
    from . import voicemail

    voicemail.furnish(parser)


def _block(parser: Parser) -> None:
    from . import blocks

    blocks.furnish(parser)


def _unblock(parser: Parser) -> None:
    from . import blocks

    blocks.unblock_options(parser)


def _edge(parser: Parser) -> None:
    from . import edge

    edge.furnish(parser)


def _agent(parser: Parser) -> None:
    from . import agent

    agent.furnish(parser)


def _find(parser: Parser) -> None:
    parser.add_argument("text", metavar="TEXT", help="an address also finds the networks that cover it")
    parser.set_defaults(act=_found)


def _found(call: Call) -> int:
    from . import finding

    return finding.find(call)


def _undo(parser: Parser) -> None:
    parser.add_argument(
        "change", metavar="CHANGE", nargs="?", default="", help="the id of a change, as --json gives it"
    )
    from . import audit

    audit.confirm_option(parser)
    parser.set_defaults(act=_undone)


def _undone(call: Call) -> int:
    from . import audit

    return audit.take_back(call, call.given("change"))


def _later(parser: Parser) -> None:
    from . import later

    later.furnish(parser)


def _import(parser: Parser) -> None:
    from . import bulk

    bulk.import_options(parser)


def _export(parser: Parser) -> None:
    from . import bulk

    bulk.export_options(parser)


def _lint(parser: Parser) -> None:
    from . import lint

    lint.options(parser)


def _audit(parser: Parser) -> None:
    from . import audit

    audit.furnish(parser)


def _init(parser: Parser) -> None:
    words = "the SIP realm of a new database; passwords are bound to it for good"
    parser.add_argument("--realm", metavar="REALM", help=words)
    parser.set_defaults(act=_initialised)


def _initialised(call: Call) -> int:
    from . import setup

    return setup.init(call)


def _config(parser: Parser) -> None:
    parser.add_argument("--sample", action="store_true", help="a settings file with every setting explained")
    parser.set_defaults(act=_configured)


def _configured(call: Call) -> int:
    from . import setup

    return setup.config(call)


def _completion(parser: Parser) -> None:
    from . import completion

    completion.options(parser)


def _help(parser: Parser) -> None:
    parser.add_argument("words", metavar="VERB", nargs="*", help="a verb, such as: sip add")
    parser.add_argument("--man", action="store_true", help="the whole manual as a page for man, to be installed")
    parser.set_defaults(act=_helped)


def _helped(call: Call) -> int:
    if call.given("man"):
        from . import man

        call.output.lines(man.page())
        return 0
    Parser("cxtui", furnish).parse_args([*call.given("words"), "--help"])
    return 0


def _demo(parser: Parser) -> None:
    parser.add_argument("--scale", metavar="N", type=whole_number, help="N SIP users and blocks instead of the sample")
    words = "with a real Kamailio, real phones and attackers on loopback, instead of played edges"
    parser.add_argument("--edge", action="store_true", help=words)
    parser.add_argument("--no-attack", dest="attack", action="store_false", help="without the attack that plays live")
    parser.add_argument("--no-console", dest="console", action="store_false", help="fill the database, then leave")
    parser.set_defaults(act=_demonstrated)


def _demonstrated(call: Call) -> int:
    from . import setup

    return setup.demo(call)
