"""How much of the swap space is in use; absent where there is none."""

from __future__ import annotations

from rounds_agent.probes.reading import IS_LINUX, Absent, kilobytes_of


def measure() -> dict[str, object]:
    """The share in use."""
    if IS_LINUX:
        total, free = kilobytes_of("/proc/meminfo", "SwapTotal", "SwapFree")
        used = total - free
    else:
        import psutil  # noqa: PLC0415 - see processor.py

        swap = psutil.swap_memory()
        total, used = swap.total, swap.used
    if not total:
        raise Absent
    return {"samples": {"swap.used_percent": round(100.0 * used / total, 1), "swap.used_bytes": used}}
