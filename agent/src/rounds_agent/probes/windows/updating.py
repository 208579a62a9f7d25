"""Pending updates by the Windows Update Agent's own search, which sees what WSUS or Intune lets through.

IUpdateSearcher.Search and the criteria: learn.microsoft.com, “Windows Update Agent API”. `Online = $false` reads what
the last search of Windows itself found, and costs seconds instead of minutes.
"""

from __future__ import annotations

from rounds_agent.probes.windows.powershell import moment, objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_NAMES = 40
SECURITY = "0fa1201d-4330-4fa8-8ae9-b877473b6441"  # the category “Security Updates”, in every language
SCRIPT = """
$session = New-Object -ComObject Microsoft.Update.Session
$searcher = $session.CreateUpdateSearcher(); $searcher.Online = $false
$found = $searcher.Search('IsInstalled=0 and IsHidden=0')
$last = (New-Object -ComObject Microsoft.Update.AutoUpdate).Results.LastSearchSuccessDate
$reboot = (New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired
[pscustomobject]@{ last = $last; reboot = $reboot; updates = @($found.Updates | ForEach-Object { [pscustomobject]@{
  title = $_.Title; kb = @($_.KBArticleIDs); severity = $_.MsrcSeverity
  categories = @($_.Categories | ForEach-Object { $_.CategoryID }) } }) }
"""


def parse(told: dict[str, Any]) -> dict[str, Any]:
    """The fact: an update is one for security if Microsoft rates it or puts it into that category."""
    names, security = [], []
    for one in told.get("updates") or []:
        numbers = [f"KB{number}" for number in one.get("kb") or []]
        name = f"{', '.join(numbers)} {one.get('title', '')}".strip()[:120]
        names.append(name)
        if one.get("severity") or SECURITY in [str(part).lower() for part in one.get("categories") or []]:
            security.append(name)
    others = [name for name in names if name not in set(security)]
    counts = {"pending": len(names), "security": len(security), "names": [*security, *others][:MAX_NAMES]}
    return {**counts, "lists_at": moment(told.get("last")), "restart_needed": told.get("reboot") is True}


def updates() -> dict[str, Any]:
    """Search; minutes on a slow machine."""
    (told,) = objects(SCRIPT, seconds=900)
    return parse(told)
