"""How much memory is in use, and how much could be had at once."""

from __future__ import annotations

from rounds_agent.probes.reading import IS_LINUX, kilobytes_of


def measure() -> dict[str, object]:
    """Used is what is not available: what a program could get without swapping counts as free."""
    if IS_LINUX:
        total, available = kilobytes_of("/proc/meminfo", "MemTotal", "MemAvailable")
    else:
        import psutil  # noqa: PLC0415 - see processor.py

        memory = psutil.virtual_memory()
        total, available = memory.total, memory.available
    used = round(100.0 * (total - available) / total, 1)
    return {"samples": {"memory.used_percent": used, "memory.available_bytes": available}}
