"""What the console says of rewrite rules is what the edge does with a call's numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cxtui.models.rewrite import Mode, Parameter, RewriteRule
from cxtui.rules.dialplan import edge_form
from cxtui.rules.rewrite import LONGEST_RESULT, Rule, StepKind, apply_rules
from cxtui.rules.rewrite_check import check_rule
from cxtui.services import ip_auth, many, rewrites
from cxtui.services.subjects import Subject
from cxtui.services.writing import writing
from tests.edge.bench import Bench
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.sipp import Caller
from tests.edge.standing import admit, company, standing
from tests.rules.regexes import NUMBERS, RULES
from tests.support import PASSWORD

CHAINS = 200
_USUAL = st.builds(
    Rule,
    st.just(Parameter.DESTINATION),
    st.just(Mode.REGEX),
    st.sampled_from(["^", "$", "^.*", "0", "[0-9]+", "^.", "(.)(.)?", "#"]),
    st.sampled_from(["", "4", "#", r"\0", r"\0\0"]),
)
_SAVED = (RULES | _USUAL).filter(lambda rule: not check_rule(rule))
_PLACED = st.builds(
    lambda rule, parameter, stop: replace(rule, parameter=parameter, stop=stop),
    _SAVED,
    st.sampled_from(list(Parameter)),
    st.booleans(),
)
_CHAINS = st.integers(1, 5).flatmap(lambda length: st.lists(_PLACED, min_size=length, max_size=length))
_LONG = st.text("0123456789#", min_size=LONGEST_RESULT // 2, max_size=LONGEST_RESULT + 2)
_SHORT = st.text("012+#*aA", max_size=2)
_NUMBERS = st.tuples(NUMBERS, NUMBERS, NUMBERS, _SHORT, _LONG)

Chain = tuple[Sequence[Rule], Sequence[str]]


@pytest.fixture(scope="module")
def core() -> Iterator[Answerer]:
    """Our own switch behind the edge."""
    with Answerer() as core:
        yield core


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Answerer) -> Iterator[Bench]:
    """One edge for all of these tests, which have subjects of their own."""
    with standing(template, tmp_path_factory.mktemp("rewrites"), core=f"sip:{core.endpoint}") as edge:
        yield edge


def generated() -> list[Chain]:
    """Chains of rules that may be saved, each with numbers; the same ones every time."""
    found: list[Chain] = []

    @settings(
        max_examples=CHAINS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_CHAINS, _NUMBERS)
    def collect(rules: list[Rule], numbers: tuple[str, ...]) -> None:
        found.append((rules, numbers))

    collect()
    return found


def owner(place: int) -> str:
    """The table of the subject at a place of the list."""
    return ("ip_auth", "sip_user")[place % 2]


def head(table: str, key: int, parameter: Parameter) -> int:
    """The plan that a call of a subject begins with."""
    return 1_000_000_000 + 4 * key + 2 * (table == "sip_user") + (parameter == Parameter.CLI)


def row(place: int, position: int, rule: Rule) -> RewriteRule:
    """A rule as it is stored."""
    form = edge_form(rule)
    return RewriteRule(
        owner=owner(place),
        owner_id=1_000 + place,
        position=position,
        parameter=rule.parameter.value,
        mode=rule.mode.value,
        current=rule.current,
        new=rule.new,
        stop=rule.stop,
        match_exp=form.match_exp,
        subst_exp=form.subst_exp,
        repl_exp=form.repl_exp,
    )


def test_console_and_edge_make_the_same_of_every_number(edge: Bench) -> None:
    """S-060, S-061, S-067, C-09, C-10, C-14: chains with stop, groups, both modes, both parameters, all loaded at once.

    A number that a rule leaves empty ends the rules: the edge has nothing more to look at.
    """
    chains = generated()
    with writing(edge.context) as writer:
        many.add(writer, [row(at, n, rule) for at, (rules, _) in enumerate(chains) for n, rule in enumerate(rules)])
    edge.until_proven()
    seen: Counter[StepKind] = Counter()
    differ = []
    for at, (rules, numbers) in enumerate(chains):
        for parameter in Parameter:
            for number in numbers:
                outcome = apply_rules(rules, parameter, number)
                emptied = "" in [number, *(step.after for step in outcome.steps)]
                wanted = "" if emptied else outcome.result
                plan = str(head(owner(at), 1_000 + at, parameter))
                got = edge.rpc("cxtui.rewrite", plan, number)["number"]
                seen.update(step.kind for step in outcome.steps)
                if got != wanted:
                    differ.append((rules, parameter, number, wanted, got))
    assert not differ[:5], f"{len(differ)} of {len(chains) * 2 * 5}"
    assert min(seen[kind] for kind in StepKind) >= 20, f"this would prove little: {seen}"
    assert len(chains) == CHAINS


def test_rules_run_on_real_calls_from_an_address(edge: Bench, core: Answerer) -> None:
    """S-060, S-063, S-070: the destination is rewritten in the Request-URI, the CLI in From."""
    typed = {"address": "127.0.0.71", "direction": "egress", "channels": "0"}
    (entry,) = ip_auth.add(edge.context, company(edge.context).id, typed).rows
    _add(edge, Subject("ip_auth", entry.id))
    outcome = Caller(edge.address, "127.0.0.71").call("+441782", cli="01782550100", expect=200)
    assert not outcome.challenged
    assert _numbers(core) == ("#1#00441782", "441782550100")


def test_rules_run_on_real_calls_of_a_user(edge: Bench, core: Answerer) -> None:
    user = admit(edge.context, "1200", channels="0")
    _add(edge, Subject("sip_user", user.id))
    caller = Caller(edge.address, "127.0.0.72")
    caller.call("+441782", cli="01782550100", user="1200", password=PASSWORD, expect=200)
    assert _numbers(core) == ("#1#00441782", "441782550100")


def test_a_call_whose_number_is_rewritten_to_nothing_ends(edge: Bench, core: Answerer) -> None:
    """S-067: nobody could be called then."""
    user = admit(edge.context, "1201")
    rewrites.add(edge.context, Subject("sip_user", user.id), {"parameter": "destination", "current": "999", "new": ""})
    edge.until_proven()
    before = len(core.invites)
    outcome = Caller(edge.address, "127.0.0.73").call("999", user="1201", password=PASSWORD, expect=484)
    assert outcome.reasons == ("Address Incomplete",)
    assert len(core.invites) == before


def _add(edge: Bench, subject: Subject) -> None:
    """Rules for both numbers, one behind the other."""
    for parameter, current, new in (
        ("destination", "+", "00"),
        ("destination", "^(.*)", "#1#$1"),
        ("cli", "^0([1-9]+)", "44$1"),
    ):
        rewrites.add(edge.context, subject, {"parameter": parameter, "current": current, "new": new})
    edge.until_proven()


def _numbers(core: Answerer) -> tuple[str, str]:
    """Whom the last call that came through is for, and who calls."""
    invite = core.invites[-1]
    caller = re.search(r"sip:([^@]*)@", invite.header("From"))
    return invite.number.replace("%23", "#"), caller[1] if caller else ""
