"""Looks, in a short-lived process, whether there is a new version; puts one that may be trusted beside the old one.

It is unpacked under another name and renamed when it is whole; then `next.json` asks the launcher to try it. Why it was
not is left in `update.json`, of which the next check-in tells.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import time
import zipfile

from rounds_agent import __version__
from rounds_agent.home import read_json, under, write_json
from rounds_agent.proxies import proxy_for
from rounds_agent.releases import Untrusted, check_package, check_release, first_trust, next_trust, version_of
from rounds_agent.transport import Address, Line, NoAnswer
from rounds_agent.trusting import authority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRUST, TOLD, VERSIONS = "trust.json", "update.json", "versions"
MOST_FAILURES, TRY_AGAIN_AFTER = 3, 86_400.0


def adopt_keys(home: str, file: str) -> int:
    """Trust the keys of a file from now on, if none are trusted yet: said on the machine, by whoever installs it."""
    if os.path.exists(under(home, TRUST)):
        return 0
    try:
        write_json(under(home, TRUST), first_trust(read_json(file)))
    except Untrusted as why:
        print(f"rounds-agent: {file}: {why}", file=sys.stderr)
        return 1
    return 0


def update(home: str) -> int:
    """Look for a new version, once; 0 if all is as it should be, whether or not there is one."""
    trust, config = read_json(under(home, TRUST)), read_json(under(home, "config.json"))
    if not isinstance(trust, dict) or not isinstance(config, dict):
        return 0
    address = Address(config["server"])
    proxy = proxy_for(address, config.get("proxy", ""), os.environ)
    line = Line(address, ca=authority(home, config.get("ca", "")), proxy=proxy)
    try:
        told = _look(home, trust, line)
    except NoAnswer:
        return 0  # the check-ins tell of that
    except Untrusted as why:
        told = {"why": f"not updated: {why}"}
    except (OSError, zipfile.BadZipFile) as error:
        told = {"why": f"not updated: {type(error).__name__}: {error}"[:300]}
    finally:
        line.close()
    if told != read_json(under(home, TOLD)):
        write_json(under(home, TOLD), told)
    return 0


def _look(home: str, trust: dict[str, Any], line: Line) -> dict[str, Any]:
    told = _ask(line, "/agents/release", {"keys": trust["number"]})
    trust = _renewed(home, trust, told.get("keys"))
    if told.get("release") is None:
        return {}
    release = check_release(trust, told["release"], now=time.time())
    if release["number"] > trust.get("release", 0):
        write_json(under(home, TRUST), {**trust, "release": release["number"]})
    if version_of(release["version"]) <= version_of(__version__):
        return {}
    name = f"{release['version']}-{release['sha256'][:16]}"
    failed = (read_json(under(home, VERSIONS, "failed.json")) or {}).get(name)
    if failed is not None and _is_hopeless(failed):
        return {"why": f"version {release['version']} {failed['why']}"}
    if not os.path.exists(under(home, VERSIONS, name, "__main__.py")):
        status, body = line.get(f"/agents/package/{release['sha256']}")
        if status != 200:
            raise Untrusted(f"the package is not there: HTTP {status}")
        check_package(release, body)
        unpack(home, name, body)
    write_json(under(home, VERSIONS, "next.json"), {"name": name, "version": release["version"]})
    return {}


def _is_hopeless(failed: dict[str, Any]) -> bool:
    """Was a version no good so often, or so lately, that it is not tried now?"""
    return bool(failed["times"] >= MOST_FAILURES or 0 <= time.time() - failed["at"] < TRY_AGAIN_AFTER)


def _ask(line: Line, path: str, asked: dict[str, object]) -> dict[str, Any]:
    status, text = line.post(path, json.dumps(asked).encode(), {})
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if status != 200 or not isinstance(told, dict):
        raise Untrusted(f"the shop answers HTTP {status}")
    return told


def _renewed(home: str, trust: dict[str, Any], documents: object) -> dict[str, Any]:
    """The trust after all changes of keys that hold; each is kept before the next is looked at."""
    for document in documents if isinstance(documents, list) else []:
        trust = next_trust(trust, document)
        write_json(under(home, TRUST), trust)
    return trust


def unpack(home: str, name: str, body: bytes) -> None:
    """Unpack a package under its name, whole or not at all; what old versions and broken-off attempts left goes."""
    folder = under(home, VERSIONS)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    fresh = under(folder, f".{name}")
    _clear(folder, keep={name})
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for entry in archive.infolist():
            path = os.path.normpath(entry.filename)
            if path != entry.filename.replace("/", os.sep) or os.path.isabs(path) or path.startswith(".."):
                raise Untrusted(f"the package holds a file named {entry.filename}")
            target = under(fresh, path)
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            with open(target, "wb") as file:
                file.write(archive.read(entry))
                file.flush()
                os.fsync(file.fileno())
    import compileall  # noqa: PLC0415 - when there is something to compile

    compileall.compile_dir(fresh, quiet=2)
    os.replace(fresh, under(folder, name))


def _clear(folder: str, keep: set[str]) -> None:
    current = read_json(under(folder, "current.json"))
    kept = keep | ({current["name"]} if isinstance(current, dict) else set())
    for entry in os.listdir(folder):
        if os.path.isdir(under(folder, entry)) and entry not in kept:
            shutil.rmtree(under(folder, entry), ignore_errors=True)
