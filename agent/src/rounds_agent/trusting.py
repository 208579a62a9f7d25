"""Whom the agent takes for its server: the one authority that vouches for it, so that not all are kept in memory.

All authorities of a system are two megabytes. So a short-lived process connects with all of them, checks the server in
full, and leaves the authority at the end of the chain in `trusted.pem`; the agent loads that one. When it no longer
vouches (the server changed its authority), the agent sends out such a process again. What the system does not trust is
never trusted here.
"""

from __future__ import annotations

import os
import ssl
import sys

from rounds_agent.home import read_json, under, write_whole
from rounds_agent.proxies import proxy_for
from rounds_agent.transport import Address, Line, NoAnswer

TRUSTED = "trusted.pem"


def authority(home: str | os.PathLike[str], ca: str) -> str:
    """The file of authorities to load: the one that was named, else the one that was found; "" for the system's."""
    found = under(home, TRUSTED)
    return ca or (found if os.path.exists(found) else "")


def keep_authority(home: str | os.PathLike[str], line: Line) -> bool:
    """Keep the authority that vouches for the server of a line that is open, and was checked against all of them."""
    chain = line.chain()
    if chain:
        write_whole(under(home, TRUSTED), ssl.DER_cert_to_PEM_cert(chain[-1]).encode())
    return bool(chain)


def look_again(home: str) -> int:
    """Connect with all authorities of the system, and keep the one that vouches; 0 if one does."""
    config = read_json(under(home, "config.json")) or {}
    address = Address(config["server"])
    line = Line(address, proxy=proxy_for(address, config.get("proxy", ""), os.environ))
    try:
        line.open()
        keep_authority(home, line)
    except NoAnswer as why:
        print(f"rounds-agent: no authority of this system vouches for the server: {why}", file=sys.stderr)
        return 1
    finally:
        line.close()
    return 0
