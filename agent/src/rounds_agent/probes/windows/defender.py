"""Microsoft Defender (MSFT_MpComputerStatus), and other products by the Security Center (AntiVirusProduct)."""

from __future__ import annotations

from rounds_agent.probes.windows.powershell import moment, objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NEVER = 4_294_967_295  # an age in days
DEFENDER = """Get-MpComputerStatus | Select-Object AMRunningMode,AMServiceEnabled,AntivirusEnabled,
RealTimeProtectionEnabled,AMProductVersion,AntivirusSignatureVersion,AntivirusSignatureLastUpdated,QuickScanAge,
FullScanAge"""
CENTER = """Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct |
Select-Object displayName,productState,timestamp"""


def parse_defender(told: dict[str, Any]) -> dict[str, Any]:
    """Defender's state; in passive mode all its switches say true though another product guards the machine."""
    mode = str(told.get("AMRunningMode") or "")
    is_on = all(
        told.get(name) is True for name in ("AMServiceEnabled", "AntivirusEnabled", "RealTimeProtectionEnabled")
    )
    product = {
        "product": "Microsoft Defender",
        "engine": told.get("AMProductVersion"),
        "signatures": told.get("AntivirusSignatureVersion"),
        "signatures_at": moment(told.get("AntivirusSignatureLastUpdated")),
        "is_active": is_on and mode.lower() in {"normal", ""},
        "mode": mode,
        "quick_scan_days": _age(told.get("QuickScanAge")),
        "full_scan_days": _age(told.get("FullScanAge")),
    }
    return {name: value for name, value in product.items() if value is not None}


def _age(told: object) -> int | None:
    return told if isinstance(told, int) and told != NEVER else None


def parse_center(told: dict[str, Any]) -> dict[str, Any]:
    """A product of the Security Center: of productState, 0xPPSSUU, SS says whether it is on, UU whether out of date."""
    state = int(told.get("productState") or 0)
    return {
        "product": str(told.get("displayName", "")),
        "is_active": (state >> 8) & 0xFF in {0x10, 0x11},
        "is_current": state & 0xFF == 0,
    }


def merged(defender: list[dict[str, Any]], center: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Both together; what the Security Center says of Defender is left out where Defender told of itself."""
    own = [parse_defender(one) for one in defender]
    others = [parse_center(one) for one in center]
    return [*own, *(one for one in others if not (own and "Defender" in one["product"]))]


def products() -> list[dict[str, Any]]:
    """What guards this machine. Servers have no Security Center, machines with another product may have no Defender."""
    defender, center = _asked(DEFENDER), _asked(CENTER)
    if isinstance(defender, OSError) and isinstance(center, OSError):
        raise defender
    return merged(
        [] if isinstance(defender, OSError) else defender,
        [] if isinstance(center, OSError) else center,
    )


def _asked(script: str) -> list[dict[str, Any]] | OSError:
    try:
        return objects(script)
    except OSError as error:
        return error
