"""Members of the group of administrators, by its well-known number, and certificates of the machine's own store."""

from __future__ import annotations

from rounds_agent.probes.windows.powershell import moment, objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MEMBERS = "Get-LocalGroupMember -SID S-1-5-32-544 | Select-Object Name,ObjectClass"
CERTIFICATES = r"Get-ChildItem Cert:\LocalMachine\My | Select-Object Subject,NotAfter,Thumbprint"


def parse_members(told: list[dict[str, Any]]) -> list[str]:
    """Their names, with domain or machine before the backslash."""
    return sorted(str(one["Name"]) for one in told if one.get("Name"))


def administrators() -> list[str]:
    """Ask for them."""
    return parse_members(objects(MEMBERS))


def parse_certificates(told: list[dict[str, Any]]) -> list[dict[str, str]]:
    """One row a certificate: where it is found, its common name, its end."""
    rows = []
    for one in told:
        ends_at = moment(one.get("NotAfter"))
        if ends_at is None:
            continue
        parts = [part.strip() for part in str(one.get("Subject", "")).split(",")]
        name = next((part[3:] for part in parts if part.startswith("CN=")), "")
        rows.append({"path": f"Cert:\\LocalMachine\\My\\{one.get('Thumbprint', '')}", "name": name, "ends_at": ends_at})
    return rows


def certificates() -> list[dict[str, str]]:
    """Ask for them."""
    return parse_certificates(objects(CERTIFICATES))
