"""What snmpd asks for a subtree that it does not know itself (pass_persist): the lines of a walk."""

import sys
from pathlib import Path

TYPES = {"octet_str": "string", "counter64": "counter64", "integer": "integer"}


def main(path: str) -> None:
    """Answer until snmpd hangs up."""
    rows = {}
    for line in Path(path).read_text().splitlines():
        if line and not line.startswith("#"):
            name, kind, value = line.split(" ", 2)
            rows[tuple(map(int, name.split(".")))] = (name, TYPES[kind], value)
    for asked in iter(sys.stdin.readline, ""):
        if asked.strip() == "PING":
            print("PONG", flush=True)
            continue
        wanted = tuple(map(int, sys.stdin.readline().strip().strip(".").split(".")))
        later = (row for row in sorted(rows) if (row == wanted if asked.strip() == "get" else row > wanted))
        found = next(later, None)
        print("\n".join((f".{rows[found][0]}", *rows[found][1:])) if found else "NONE", flush=True)


main(sys.argv[1])
