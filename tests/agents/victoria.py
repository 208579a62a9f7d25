"""A VictoriaMetrics of its own for tests: on a loopback port, in a folder that goes with it."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from tests.agents.front import free_port


@contextmanager
def running_victoria() -> Iterator[str]:
    """Start one, give its address, end it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rounds-victoria-") as folder:
        flags = ["-dedup.minScrapeInterval=1ms", "-retentionPeriod=100y", "-search.latencyOffset=0s"]
        command = ["victoria-metrics", f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}", *flags]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            with urlopen(f"{address}/health", timeout=2):  # noqa: S310 - a loopback port
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("VictoriaMetrics does not start")
