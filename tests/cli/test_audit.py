"""The audit log from the shell."""

from __future__ import annotations

from tests.support import execute


def test_a_change_is_listed_shown_and_taken_back(shell):
    shell.ok("company", "add", "Gamma GmbH", "--channels", "7", "--reason", "ticket 4711")
    listed = shell.ok("audit", "list", "--filter", "Gamma").out
    assert "customer Gamma GmbH" in listed
    assert "ticket 4711" in listed
    change = shell.json("audit", "list", "--limit", "1")[0]
    assert change["differences"] == [
        {"field": "Name", "before": "", "after": "Gamma GmbH"},
        {"field": "Channels", "before": "", "after": "7"},
    ]
    assert "Gamma GmbH" in shell.ok("audit", "show", change["change"][:10]).out
    shell.ok("audit", "revert", change["change"])
    assert shell("company", "show", "Gamma GmbH").code == 1


def test_a_change_that_does_not_exist_is_refused(shell):
    answer = shell("audit", "show", "zzzz")
    assert (answer.code, answer.out) == (1, "")
    assert "there is no change zzzz" in answer.err


def test_verify_says_with_its_exit_code_whether_the_log_is_whole(shell):
    """W-027."""
    from cxtui.store.database import Database

    shell.ok("company", "add", "Gamma GmbH")
    assert "is whole" in shell.ok("audit", "verify").out
    database = Database(shell.path)
    execute(database, "UPDATE audit SET operator = 'eve' WHERE id = (SELECT max(id) FROM audit)")
    database.close()
    answer = shell("audit", "verify", "--json")
    assert answer.code == 1
    assert answer.json["broken"]


def test_what_another_program_wrote_comes_out_harmless(shell):
    from cxtui.store.database import Database

    shell.ok("company", "add", "Gamma GmbH")
    database = Database(shell.path)
    hostile = "\x1b]52;c;ZXZpbA==\x07"
    execute(database, "UPDATE audit SET label = ?1, operator = ?1, origin = ?1, reason = ?1, program = ?1", (hostile,))
    database.close()
    change = shell.json("audit", "list", "--limit", "1")[0]["change"]
    for words in (("audit", "list"), ("audit", "show", change)):
        answer = shell(*words)
        assert answer.code == 0
        assert "\x1b" not in answer.out
        assert "\x07" not in answer.out
