"""How full the local file systems are, in bytes and in inodes.

Network file systems are left out: asking one whose server is gone can hang for ever.
"""

from __future__ import annotations

import os

from rounds_agent.probes.reading import IS_LINUX, Absent, text_of

LOCAL = {
    "ext2",
    "ext3",
    "ext4",
    "xfs",
    "btrfs",
    "zfs",
    "f2fs",
    "jfs",
    "reiserfs",
    "bcachefs",
    "vfat",
    "exfat",
    "ntfs",
    "ntfs3",
}
REMOVABLE = ("/media/", "/run/media/")  # where a desktop puts what somebody plugs in, for himself alone
SMALL = 16 * 1024 * 1024  # what is smaller holds no data of anybody


def _unescape(text: str) -> str:
    """A mount point as /proc writes it: space, tab, newline and backslash as octal."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def mounted(table: str) -> dict[str, str]:
    """Mount point to device: local file systems of a mount table, each device once, at its shortest mount point."""
    by_device: dict[str, str] = {}
    for line in table.splitlines():
        device, point, kind, *_ = line.split()
        root = kind == "overlay" and point == "/"
        if kind not in LOCAL and not root:
            continue
        place = _unescape(point)
        if device not in by_device or len(place) < len(by_device[device]):
            by_device[device] = place
    return {place: device for device, place in by_device.items()}


def _figures(place: str) -> dict[str, float]:
    told = os.statvfs(place)
    used, available = (told.f_blocks - told.f_bfree) * told.f_frsize, told.f_bavail * told.f_frsize
    figures: dict[str, float] = {"total_bytes": told.f_blocks * told.f_frsize, "free_bytes": available}
    if used + available:
        figures["used_percent"] = round(100.0 * used / (used + available), 1)  # as df counts: less what is reserved
    if told.f_files:
        figures["inodes_percent"] = round(100.0 * (told.f_files - told.f_ffree) / told.f_files, 1)
    return figures


def _elsewhere() -> dict[str, dict[str, float]]:
    import psutil  # noqa: PLC0415 - see processor.py

    disks: dict[str, dict[str, float]] = {}
    for part in psutil.disk_partitions(all=False):
        if "cdrom" in part.opts or not part.fstype:
            continue
        usage = psutil.disk_usage(part.mountpoint)
        disks[part.mountpoint] = {
            "total_bytes": usage.total, "free_bytes": usage.free, "used_percent": round(usage.percent, 1),
        }  # fmt: skip
    return disks


def _here() -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Figures by mount point, and why there are none: some are mounted where this user may not go."""
    disks: dict[str, dict[str, float]] = {}
    without: dict[str, str] = {}
    for place in sorted(mounted(text_of("/proc/self/mounts"))):
        try:
            disks[place] = _figures(place)
        except OSError as error:  # noqa: PERF203 - one disk must not take the others with it
            if not place.startswith(REMOVABLE):
                without[f"disk {place}"] = f"error: {error.strerror or error}"[:300]
    return disks, without


def measure() -> dict[str, object]:
    """Figures by mount point; a disk that cannot be asked is told as a probe of its own, and takes none with it."""
    disks, without = _here() if IS_LINUX else (_elsewhere(), {})
    disks = {place: figures for place, figures in disks.items() if figures["total_bytes"] >= SMALL}
    if not disks and not without:
        raise Absent
    return {"disks": disks, "probes": without}
