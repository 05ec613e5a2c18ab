"""One example of each verb or more, as they stand under its help and on the page for man."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "company list": ("cxtui company list --filter telecom",),
    "company show": ('cxtui company show "Acme Telecom"',),
    "company add": (
        'cxtui company add "Acme Telecom" --channels 100 --number-block-start 1000 --number-block-size 1000',
    ),
    "company set": ('cxtui company set "Acme Telecom" --status inactive --reason "ticket 4711"',),
    "company delete": ('cxtui company delete "Acme Telecom" --yes',),
    "ip list": ('cxtui ip list --company "Acme Telecom"', "cxtui ip list --all --json"),
    "ip show": ("cxtui ip show 203.0.113.77",),
    "ip add": (
        'cxtui ip add "Acme Telecom" 203.0.113.77 203.0.113.96/27 --direction both --channels 30',
        'cxtui ip add "Acme Telecom" pbx.acme.example --direction ingress --protocol tls',
        'cxtui ip add "Beta Ltd" 203.0.113.77 --share',
    ),
    "ip set": ("cxtui ip set 203.0.113.77 --channels 60 --flow-speed 10", "cxtui ip set id:7 --enabled no"),
    "ip delete": ("cxtui ip delete 203.0.113.77 id:8",),
    "ip password": ("pass show carrier/login | cxtui ip password pbx.acme.example --stdin",),
    "sip list": (
        'cxtui sip list --company "Acme Telecom"',
        "cxtui sip list --json | jq -r '.[] | select(.state == \"no password\").username'",
    ),
    "sip show": ("cxtui sip show 1001",),
    "sip add": (
        'cxtui sip add "Acme Telecom" --channels 2 --reason "ticket 4711"',
        'cxtui sip add "Acme Telecom" 1001 --allow-list "198.51.100.0/28, 2001:db8::/64" --nat-ping enabled',
    ),
    "sip set": ("cxtui sip set 1001 --protocol tls --nat-ping timeout",),
    "sip delete": ("cxtui sip delete 1001 1002 --yes --reason moved",),
    "sip password": ("cxtui sip password 1001", "pass show acme/1001 | cxtui sip password 1001 --stdin"),
    "sip range": (
        'cxtui sip range "Acme Telecom" 1000-1199 --channels 1',
        'cxtui sip range "Acme Telecom" 1000-1199 --channels 1 --apply --passwords acme.csv',
    ),
    "sip doctor": ("cxtui sip doctor 1001", 'cxtui sip doctor 1001 --fix --reason "ticket 4711"'),
    "sip probe": (
        "cxtui sip probe 1001",
        "pass show acme/1001 | cxtui sip probe 1001 --edge edge1 --password-stdin",
    ),
    "sip watch": ("cxtui sip watch 1001 --seconds 120 > ladder.txt",),
    "registration list": (
        'cxtui registration list --company "Acme Telecom"',
        "cxtui registration list --json | jq -r '.[] | select(.state == \"timeout\").username'",
    ),
    "registration ping": ("cxtui registration ping 1001 1002",),
    "registration message": ('cxtui registration message 1001 1002 --text "Maintenance tonight from 22:00"',),
    "registration remove": ("cxtui registration remove 1001 --yes", "cxtui registration remove 1001 --contact 12"),
    "profile list": ("cxtui profile list",),
    "profile show": ("cxtui profile show agents",),
    "profile add": ("cxtui profile add agents --capacity 40",),
    "profile set": ("cxtui profile set agents --capacity 60",),
    "profile delete": ("cxtui profile delete agents",),
    "cli show": ('cxtui cli show "Acme Telecom"',),
    "cli set": (
        'cxtui cli set "Acme Telecom" 441782550100 "^4417825502[0-9]{2}$"',
        'cxtui cli set "Acme Telecom" 441782550101 --add',
    ),
    "cli share": ("cxtui cli share 203.0.113.77", "cxtui cli share 203.0.113.77 --apply"),
    "cli test": ("cxtui cli test 203.0.113.77 441782550100 441782550199",),
    "codec list": ("cxtui codec list", "cxtui codec list 203.0.113.77"),
    "codec restrict": ("cxtui codec restrict 203.0.113.77 G729 AMR-WB",),
    "codec enable": ("cxtui codec enable 203.0.113.77 G729", "cxtui codec enable 1001 --sip --all"),
    "rewrite list": ("cxtui rewrite list 203.0.113.77",),
    "rewrite add": (
        'cxtui rewrite add 203.0.113.77 00 ""',
        "cxtui rewrite add 203.0.113.77 '^0([1-9])' '44$1' --type destination --mode regex",
    ),
    "rewrite set": ("cxtui rewrite set 203.0.113.77 2 --new 44 --stop",),
    "rewrite delete": ("cxtui rewrite delete 203.0.113.77 2 3 --yes",),
    "rewrite move": ("cxtui rewrite move 203.0.113.77 3 1",),
    "rewrite test": ("cxtui rewrite test 203.0.113.77", "cxtui rewrite test 203.0.113.77 01782550100 00441782550100"),
    "rewrite keep": ("cxtui rewrite keep 203.0.113.77 01782550100=441782550100",),
    "rewrite forget": ("cxtui rewrite forget 203.0.113.77 01782550100",),
    "rewrite suggest": ("cxtui rewrite suggest 01782550100=441782550100 0020212345=20212345",),
    "voicemail list": ("cxtui voicemail list 1001",),
    "voicemail read": ("cxtui voicemail read 1001 5c2f", "cxtui voicemail read 1001 5c2f --new"),
    "voicemail delete": ("cxtui voicemail delete 1001 5c2f 77ab --yes",),
    "voicemail export": ("cxtui voicemail export 1001 5c2f message.wav",),
    "voicemail password": ("echo 482913 | cxtui voicemail password 1001 --stdin",),
    "voicemail send-test": ("cxtui voicemail send-test 1001",),
    "block list": ('cxtui block list --company "Acme Telecom"', "cxtui block list --limit 10"),
    "block add": ('cxtui block add 198.51.100.9 --notes "scanner" --expires 2h',),
    "unblock": ('cxtui unblock 203.0.113.77 --reason "called in, PBX was misconfigured"',),
    "edge list": ("cxtui edge list", "cxtui edge list --json | jq -r '.[] | select(.state != \"current\").name'"),
    "edge history": ("cxtui edge history edge1",),
    "edge drift": ("cxtui edge drift",),
    "edge compare": ("cxtui edge compare edge1",),
    "edge reconcile": ("cxtui edge reconcile edge1",),
    "edge forget": ("cxtui edge forget edge2 --yes",),
    "edge config": (
        "cxtui edge config --out /etc/cxtui/edge1 --listen udp:203.0.113.1:5060 --core sip:192.0.2.20:5060",
        "cxtui edge config --out . --listen tls:203.0.113.1:5061 --tls-certificate c.pem --tls-key k.pem",
    ),
    "edge run": ("cxtui edge run", "cxtui edge run --name trial --listen udp:127.0.0.1:5070 --ping-interval 10"),
    "edge packages": ("apt-get install $(cxtui edge packages)",),
    "agent": ("cxtui agent --name edge1 --secret-file /etc/cxtui/edge1/agent.secret",),
    "find": ("cxtui find 203.0.113.77", "cxtui find acme"),
    "undo": ("cxtui undo",),
    "later list": ("cxtui later list",),
    "later run": ("cxtui later run",),
    "later cancel": ("cxtui later cancel 12",),
    "import": (
        "cxtui import users.csv --kind sip",
        "cxtui import users.csv --kind sip --apply --passwords slips.csv",
    ),
    "export": ('cxtui export sip --company "Acme Telecom" --output acme.csv', "cxtui export ip | wc -l"),
    "lint": (
        "cxtui lint",
        'cxtui lint --company "Acme Telecom" --errors',
        "cxtui lint --json | jq -r '.[].code' | sort",
    ),
    "audit list": ("cxtui audit list --filter 2h", 'cxtui audit list --filter "#sip_user/7"'),
    "audit show": ("cxtui audit show 4f0c",),
    "audit verify": ("cxtui audit verify",),
    "audit revert": ('cxtui audit revert 4f0c --reason "wrong company"',),
    "init": ("cxtui init --realm sip.example.net",),
    "config": ("cxtui config", "cxtui config --sample > ~/.config/cxtui/config.toml"),
    "completion": ("source <(cxtui completion bash)", "cxtui completion fish > ~/.config/fish/completions/cxtui.fish"),
    "help": ("cxtui help sip add", "cxtui help --man | gzip > /usr/local/share/man/man1/cxtui.1.gz"),
    "demo": ("cxtui demo", "cxtui demo --edge", "cxtui --db big.db demo --scale 100000 --no-attack"),
}

_OF_A_GROUP = 6


def examples_of(place: str) -> tuple[str, ...]:
    """The examples of a verb, such as "cxtui sip add"; of a group of verbs the first one of each of the first verbs."""
    name = place.partition(" ")[2]
    mine = EXAMPLES.get(name)
    if mine is not None:
        return mine
    inner = [examples[0] for verb, examples in EXAMPLES.items() if verb.startswith(f"{name} ")]
    return tuple(inner[:_OF_A_GROUP])
