"""The agent's command line: enrol this machine, watch it, and (for itself) do one job or one slow measurement."""

from __future__ import annotations

import sys

USAGE = """\
rounds-agent enrol --server URL --token TOKEN [--home DIR] [--ca FILE] [--plain-http]
                   [--proxy http://[USER:PASSWORD@]HOST:PORT]
                   [--repository REPOSITORY --password-file FILE]
                   [--expect-processes NAME,NAME] [--expect-services NAME,NAME]
                   [--watch-networks 192.168.1.0/24,10.0.0.5]
rounds-agent run [--home DIR] [--every SECONDS]
rounds-agent adopt --keys FILE [--home DIR]

enrol   makes this machine known to its shop; --repository allows test restores from a restic repository
        --watch-networks allows to look at other devices there for the shop (“any”: anywhere)
run     watches this machine and tells the shop once a minute, until it is stopped
adopt   trusts the keys of a file, with which new versions are signed, unless others are trusted already
"""
DEFAULT_HOME = "/var/lib/rounds-agent"
if sys.platform == "win32":
    DEFAULT_HOME = r"C:\ProgramData\Rounds agent"
ENROL = ("server", "token", "ca", "repository", "password-file", "plain-http", "proxy", "watch-networks")


class WrongUse(Exception):
    """The command line says something that the agent does not know."""


def read_options(arguments: list[str], known: dict[str, str], flags: tuple[str, ...] = ()) -> dict[str, str]:
    """Read `--name value` pairs and bare flags; `known` has the defaults. (argparse would cost a megabyte for good.)"""
    options, rest = dict(known), list(arguments)
    while rest:
        name = rest.pop(0).removeprefix("--")
        if name in flags:
            options[name] = "yes"
        elif name in known and rest:
            options[name] = rest.pop(0)
        else:
            raise WrongUse(f"“--{name}” is not known, or its value is missing")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; the modules of a command are imported by it alone, to stay small in memory."""
    command, *rest = (sys.argv[1:] if arguments is None else arguments) or ["help"]
    try:
        return _do(command, rest)
    except WrongUse as wrong:
        print(f"rounds-agent: {wrong}\n\n{USAGE}", file=sys.stderr)
        return 2


def _do(command: str, rest: list[str]) -> int:
    if command == "run":
        from rounds_agent.running import run  # noqa: PLC0415 - see main

        options = read_options(rest, {"home": DEFAULT_HOME, "every": "60"})
        return run(options["home"], every=float(options["every"]))
    if command == "enrol":
        from rounds_agent.enrolling import enrol  # noqa: PLC0415 - see main

        known = dict.fromkeys((*ENROL, "expect-processes", "expect-services"), "")
        return enrol(read_options(rest, {**known, "home": DEFAULT_HOME}, flags=("plain-http",)))
    if command in {"help", "--help", "-h"}:
        print(USAGE, end="")
        return 0
    return _do_part(command, rest)


def _do_part(command: str, rest: list[str]) -> int:
    """What the agent has done in a short-lived process of its own, and what the installer asks."""
    options = read_options(rest, {"home": DEFAULT_HOME, "job": "", "keys": ""})
    home = options["home"]
    if command == "duty":
        from rounds_agent.duties import do_job  # noqa: PLC0415 - see main

        return do_job(home, options["job"])
    if command == "tidy":
        from rounds_agent.duties import tidy  # noqa: PLC0415 - see main

        return tidy(home)
    if command == "slow":
        from rounds_agent.probes.slow import measure_slowly  # noqa: PLC0415 - see main

        return measure_slowly(home)
    if command == "watches":
        from rounds_agent.watches.running import run_due  # noqa: PLC0415 - see main

        return run_due(home)
    if command == "trust":
        from rounds_agent.trusting import look_again  # noqa: PLC0415 - see main

        return look_again(home)
    if command in {"update", "adopt"}:
        from rounds_agent.updating import adopt_keys, update  # noqa: PLC0415 - see main

        return update(home) if command == "update" else adopt_keys(home, options["keys"])
    raise WrongUse(f"there is no command “{command}”")


if __name__ == "__main__":
    sys.exit(main())
