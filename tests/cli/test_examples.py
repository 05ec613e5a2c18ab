"""Every verb has an example, and every example is in the grammar."""

from __future__ import annotations

import re
import shlex

import pytest

from cxtui.cli.examples import EXAMPLES, examples_of
from cxtui.cli.grammar import Parser
from cxtui.cli.man import manual_sections
from cxtui.cli.tree import tree
from cxtui.cli.verbs import furnish

LEAVES = [verb for verb in tree().walk() if not verb.verbs]
GROUPS = [verb for verb in tree().walk() if verb.verbs]
SHOWN = [line for lines in EXAMPLES.values() for line in lines]


def calls(line: str) -> list[list[str]]:
    """The words after the program's name of each call of it in a line for the shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if re.fullmatch(r"[|<>();&]+", word):
            commands.append([])
        else:
            commands[-1].append(word)
    return [words[1:] for words in commands if words[:1] == ["cxtui"]]


@pytest.mark.parametrize("verb", LEAVES, ids=lambda verb: verb.path)
def test_the_help_of_a_verb_has_an_example_of_it(bare, verb):
    words = verb.path.split()[1:]
    examples = EXAMPLES[" ".join(words)]
    shown = bare.ok(*words, "--help").out
    for example in examples:
        assert [call for call in calls(example) if call[: len(words)] == words or "--db" in call], example
        assert f"\n  {example}\n" in shown


@pytest.mark.parametrize("verb", GROUPS[1:], ids=lambda verb: verb.path)
def test_the_help_of_a_group_has_an_example_of_its_first_verbs(bare, verb):
    found = examples_of(verb.path)
    assert found
    assert f"\n  {found[0]}\n" in bare.ok(*verb.path.split()[1:], "--help").out


def test_there_are_examples_of_verbs_alone():
    assert EXAMPLES.keys() <= {verb.path.partition(" ")[2] for verb in LEAVES}
    assert examples_of("cxtui") == examples_of("cxtui frobnicate") == ()


@pytest.mark.parametrize("line", [*SHOWN, *filter(None, manual_sections()["EXAMPLES"])])
def test_an_example_is_in_the_grammar(line):
    found = calls(line)
    assert found
    for words in found:
        assert Parser("cxtui", furnish).parse_args(words).act


@pytest.mark.parametrize("line", SHOWN)
def test_an_example_fits_a_terminal(line):
    assert len(line) <= 106
    assert line.isascii()
