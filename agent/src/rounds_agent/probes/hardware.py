"""What the machine is made of: processor, memory, maker and model."""

from __future__ import annotations

import os

from rounds_agent.probes.reading import IS_LINUX, kilobytes_of, text_of, text_or_nothing


def measure() -> dict[str, object]:
    """What is told without being root; maker and model are left out where the machine does not say."""
    fact: dict[str, object] = {"cores": os.cpu_count() or 1}
    if IS_LINUX:
        models = [line for line in text_of("/proc/cpuinfo").splitlines() if line.startswith("model name")]
        fact["processor"] = models[0].partition(":")[2].strip() if models else os.uname().machine
        (fact["memory_bytes"],) = kilobytes_of("/proc/meminfo", "MemTotal")
        told = {name: text_or_nothing(f"/sys/class/dmi/id/{file}") for name, file in DMI.items()}
        fact.update({name: text for name, text in told.items() if text})
    else:
        import platform  # noqa: PLC0415 - see system.py

        import psutil  # noqa: PLC0415 - see processor.py

        fact["processor"] = platform.processor()
        fact["memory_bytes"] = psutil.virtual_memory().total
    return {"facts": {"hardware": fact}}


DMI = {"maker": "sys_vendor", "model": "product_name", "serial": "product_serial", "firmware": "bios_version"}
