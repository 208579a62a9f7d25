"""How warm the machine is (degrees Celsius), by its own sensors; absent where there are none, as on virtual ones."""

from __future__ import annotations

import os

from rounds_agent.probes.reading import IS_LINUX, Absent, names_in, text_of, text_or_nothing

SENSIBLE = (-40.0, 200.0)  # what lies outside is a sensor that is not connected
MOST = 20


def find(root: str = "/sys/class") -> dict[str, str]:
    """Sensor to the file that tells its figure: those of hwmon, and only without any the thermal zones."""
    found = {}
    for chip in names_in(os.path.join(root, "hwmon")):
        folder = os.path.join(root, "hwmon", chip)
        for name in names_in(folder):
            if name.startswith("temp") and name.endswith("_input"):
                label = text_or_nothing(os.path.join(folder, f"{name[:-6]}_label")) or name[:-6]
                found[f"{text_or_nothing(os.path.join(folder, 'name')) or chip}.{label}"] = os.path.join(folder, name)
    if not found:
        for zone in names_in(os.path.join(root, "thermal")):
            if zone.startswith("thermal_zone"):
                folder = os.path.join(root, "thermal", zone)
                found[text_or_nothing(os.path.join(folder, "type")) or zone] = os.path.join(folder, "temp")
    return dict(list(found.items())[:MOST])


class Temperatures:
    """Remembers where the sensors are."""

    def __init__(self, root: str = "/sys/class") -> None:
        self._files = find(root) if IS_LINUX else {}

    def measure(self) -> dict[str, object]:
        """Each sensor's figure, and the highest."""
        told = {}
        for name, path in self._files.items():
            try:
                degrees = int(text_of(path)) / 1000
            except (OSError, ValueError):
                continue
            if SENSIBLE[0] < degrees < SENSIBLE[1]:
                told[f"temperature.{name}"] = round(degrees, 1)
        if not told:
            raise Absent
        return {"samples": {**told, "temperature.highest": max(told.values())}}
