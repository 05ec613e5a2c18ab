"""The manual: what `cxtui --help` prints, and what `man` makes its page of.

A heading stands at the margin, all else is indented by two. What is explained and the explanation are at least two
blanks apart; lines that are indented further go on with it.
"""

from __future__ import annotations

MANUAL = """\
NAME
  cxtui - a console for operators who manage IP and SIP authentication

SYNOPSIS
  cxtui [--db PATH]                        open the console
  cxtui [--db PATH] VERB …                 do one thing and leave

DESCRIPTION
  cxtui keeps what a Kamailio edge asks for: which addresses may send calls, which users may register and
  with which password, how numbers are rewritten, and what the firewall blocks. Without a verb it is a
  console on the whole terminal. A verb does through the same rules what a key does there: it is refused
  alike, audited alike and can be taken back alike, and it answers on standard output, in text or in JSON.

  ENTRY is an address, a network, a host name or an id; USER is a username or id:N. Lists take --company
  NAME, --filter TEXT, --limit N and --all: on a terminal they end after 50 rows. cxtui VERB --help has all
  options.

CUSTOMERS
  company list | show NAME | add NAME | set NAME | delete NAME…
  profile list | show NAME | add NAME | set NAME | delete NAME…

AUTHENTICATION
  ip list | show ENTRY | add COMPANY ADDRESS… | set ENTRY | delete ENTRY…
  ip password ENTRY                        our password at their switch, from standard input
  sip list | show USER | add COMPANY [USERNAME] | set USER | delete USER…
  sip password USER [--stdin]              a generated one is printed, this one time
  sip range COMPANY SPAN [--apply]         many users, such as 1000-1199; without --apply only the plan
  sip doctor USER [--fix]                  why calls do not reach a user that can register; the fix
  sip probe USER [--edge NAME] [--password-stdin]
                                           a login as the user would do it, step by step
  sip watch USER [--seconds N]             the next one that really happens
  registration list | ping USER… | message USER… --text TEXT | remove USER [--contact N]
                                           where users are registered; the outcome is waited for
  cli show COMPANY | set COMPANY NUMBER|REGEX… [--add|--remove]
  cli share ADDRESS [--apply]              who sends from one address, told apart by the caller's number
  cli test ADDRESS CLI…                    whose call each number makes it

NUMBERS AND CODECS
  rewrite list SUBJECT | add SUBJECT CURRENT [NEW] | set SUBJECT PLACE | move SUBJECT PLACE TO
  rewrite delete SUBJECT PLACE…            SUBJECT is an IP entry or a SIP user
  rewrite test SUBJECT [NUMBER…]           what becomes of numbers, step by step; without any, the saved tests
  rewrite keep | forget SUBJECT NUMBER…    numbers that are tested before each change of the rules
  rewrite suggest GOT=WANT…                a rule from examples
  codec list [SUBJECT] | restrict SUBJECT NAME… | enable SUBJECT NAME…|--all

VOICEMAIL
  voicemail list USER | read USER ID… [--new] | delete USER ID…
  voicemail export USER ID FILE | password USER [--stdin] | send-test USER

FIREWALL
  block list
  block add ADDRESS [--notes TEXT] [--expires 2h] [--confirm ADDRESS]
  unblock ADDRESS…

EDGES
  edge list | history [NAME] | drift [NAME]
                                           how each stands, how fast changes reach it, where it differs
  edge compare NAME | reconcile NAME       look for differences now; load everything anew
  edge forget NAME                         take one that is gone out of the list
  edge config --out DIR --listen PLACE…    the configuration of Kamailio and the services, and what to do next
  edge run [--listen PLACE…]               a trial: Kamailio and its agent in the foreground
  edge packages                            the Debian packages that an edge needs
  agent --name NAME --secret-file FILE     the process beside an installed edge

ANYTHING
  find TEXT                                an address (and what covers it), network, user or company
  undo [CHANGE] [--confirm CHANGE]         take back your last change, or the one with this id
  later list [--all] | cancel ID | run     what forms are to save later; run does what is due, as from a timer
  import FILE --kind sip|ip [--apply] [--passwords FILE]
                                           rows of a CSV file; without --apply only the plan
  export sip|ip [--output FILE]            all rows as CSV, which an import takes for no change
  lint [--company NAME] [--errors]         what is wrong or doubtful in all that is stored
  audit list | show CHANGE | verify | revert CHANGE
                                           who changed what; whether the log is whole
  help [VERB] [--man]                      how a verb is written, with all its options; or a page for man
  completion bash|zsh|fish                 a script with which the shell completes verbs and options

SET-UP
  init [--realm REALM]                     make the database, or bring it up to date
  config [--sample]                        the settings in effect, or a sample file
  demo [--scale N] [--edge] [--no-attack] [--no-console]
                                           the console with sample customers under attack

OPTIONS
  --db PATH        the database file, otherwise $CXTUI_DB or the one of the settings
  --config FILE    the settings file, otherwise $CXTUI_CONFIG or ~/.config/cxtui/config.toml
  --json           the answer in JSON, on any verb; an error too: {"error": …, "findings": […]}
  --reason TEXT    on every verb that changes something: why, for the audit
  -V, --version    the version
  -h, --help       this text; after a verb, the options of that verb

EXAMPLES
  cxtui ip add "Acme Telecom" 203.0.113.77 203.0.113.96/27 --direction both --channels 30
  cxtui sip add "Acme Telecom" --channels 2 --reason "ticket 4711"
  cxtui sip password 1001
  pass show acme/1001 | cxtui sip password 1001 --stdin
  cxtui sip range "Acme Telecom" 1000-1199 --channels 1 --apply --passwords acme.csv
  cxtui export sip --company "Acme Telecom" | sed s/,udp,/,tls,/ | cxtui import - --kind sip
  cxtui find 203.0.113.77
  cxtui unblock 203.0.113.77 --reason "called in, PBX was misconfigured"
  cxtui block add 198.51.100.9 --notes "scanner" --expires 2h
  cxtui sip list --company "Acme Telecom" --json | jq -r '.[] | select(.state == "no password").username'

EXIT CODES
  0    done
  1    refused by a rule, or not found; nothing was changed
  2    not in the grammar of the command line, or an option or setting that cannot be used
  3    the database is missing, locked, damaged, full, or of another version
  4    somebody else changed the same thing first; nothing was changed
  70   a fault in cxtui itself; CXTUI_DEBUG=1 shows where
  130  interrupted
  141  whoever read the output went away

FILES
  ~/.local/state/cxtui/cxtui.db   the database, unless another one is named
  ~/.config/cxtui/config.toml     your settings; cxtui config --sample writes one with all of them explained
  /etc/cxtui/config.toml          the settings of the machine; yours go before them, but for the roles

ENVIRONMENT
  CXTUI_DB         the database file
  CXTUI_CONFIG     the settings file
  CXTUI_…          any setting by its name in capitals, such as CXTUI_THEME=light
  CXTUI_DEBUG      1: a fault in cxtui shows where it is
  XDG_STATE_HOME, XDG_CONFIG_HOME
                   the folders that stand for ~/.local/state and ~/.config
  SUDO_USER, SSH_CONNECTION
                   who you are and where from, as the audit says it beside the login
  TERM, COLORTERM, LANG
                   what your terminal can show; signs are plain ASCII where the locale is not UTF-8

SEE ALSO
  kamailio(8), nft(8), fail2ban-client(1)
"""
