"""What the agent weighs: memory (PSS) and processor of a check-in a minute over TLS, with node_exporter beside it.

    python benchmarks/agent_weight.py [--check-ins 60] [--every 1.0] [--shared]

The figure is that of an agent *alone on its machine*. PSS divides every page by the number of processes that map it,
and this very benchmark is a Python with OpenSSL; so the agent runs from a copy of its own of the interpreter, its
standard library and every shared library that it maps, except the C library, which every process of any machine maps
(`--shared` leaves that out, and shows by how much neighbours would flatter it). It enrols as on any machine: against a
server whose certificate an authority among the system's vouches for, all of which are in the file that it reads at
enrolment.

Processor is counted by the kernel's scheduler for the agent's own process; what its short-lived children cost (facts
that change seldom, every quarter of an hour) stands in a line of its own.
"""

import argparse
import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[1]
AGENT = ROOT / "agent" / "src" / "rounds_agent"
LEFT_OUT = shutil.ignore_patterns("test", "site-packages", "idlelib", "tkinter", "ensurepip", "config-*", "lib2to3")
EXPORTER = "prometheus-node-exporter"
SETTLED = 10  # check-ins before processor is counted


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--check-ins", type=int, default=60)
    told.add_argument("--every", type=float, default=1.0, help="seconds; the processor of a check-in is the same")
    told.add_argument("--shared", action="store_true", help="use this interpreter, which others map as well")
    options = told.parse_args()
    with tempfile.TemporaryDirectory() as folder, shop(Path(folder)) as (port, seen):
        place = Path(folder)
        python = [sys.executable] if options.shared else private_python(place / "python")
        print(f"{os.uname().sysname} {os.uname().release}, CPython {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}")
        print(f"{'':34}{'PSS MiB':>9}{'RSS MiB':>9}{'CPU s/min':>11}")
        agent(python, place, port, seen, options)
        exporter(options)


def agent(python: list[str], place: Path, port: int, seen: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Install, enrol, run, measure."""
    program = installed(python, place / "rounds-agent")
    home, environment = place / "home", environment_of(python, place)
    command = [*python, "-I", "-S", str(program)]
    enrol = [*command, "enrol", "--server", f"https://localhost:{port}", "--token", "t", "--home", str(home)]
    subprocess.run(enrol, env=environment, check=True, stdout=subprocess.DEVNULL)
    (home / "facts").mkdir()
    (home / "slow.json").write_text("{}")  # the children are measured by themselves, below
    run = [*command, "run", "--home", str(home), "--every", str(options.every)]
    with subprocess.Popen(run, env=environment) as process:
        wait_for(seen, SETTLED)
        before, at = processor_seconds(process.pid), len(seen)
        wait_for(seen, at + options.check_ins)
        spent = (processor_seconds(process.pid) - before) / (len(seen) - at)
        pss, rss = memory(process.pid)
        process.terminate()
    row("rounds-agent, TLS", pss, rss, spent)
    children = [*python, "-I", "-S", "-c", CHILDREN, str(program), str(home)]
    told = subprocess.run(children, env=environment, check=True, capture_output=True, text=True)
    everything, quarter = json.loads(told.stdout)
    print(f"{'  its children, a quarter of an hour':52}{quarter / 15:>11.4f}   ({quarter:.3f} s each time)")
    print(f"{'  its children, all facts at the start':52}{'':11}   ({everything:.2f} s once)")
    print(f"{'  all of it':52}{spent + quarter / 15:>11.4f}", flush=True)


# As the agent does it: copies of a process that has loaded what the agent has. Counted with all that they start, and
# with what copying costs the agent itself; the mean of 20, since the first finds cold caches.
CHILDREN = """
import json, os, resource, sys, time
sys.path.insert(0, sys.argv[1])
from rounds_agent import running
from rounds_agent.children import Children
home = sys.argv[2]
slow, children = os.path.join(home, "slow.json"), Children(home)
def spent():
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in told)
def once():
    children.fork("slow", lambda: running._slow_work(home), 600)
    while not children.reap():
        time.sleep(0.2)
os.unlink(slow)
began = spent()
once()
first, quarters = spent() - began, 0.0
for _ in range(20):
    with open(slow) as file:
        known = json.load(file)
    known["asked_at"].update(units=0, log=0)
    with open(slow, "w") as file:
        json.dump(known, file)
    began = spent()
    once()
    quarters += spent() - began
print(json.dumps([first, quarters / 20]))
"""


def exporter(options: argparse.Namespace) -> None:
    """Prometheus' exporter, asked as often."""
    if shutil.which(EXPORTER) is None:
        print(f"{EXPORTER} is not installed")
        return
    address = "127.0.0.1:19100"
    command = [EXPORTER, f"--web.listen-address={address}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for number in range(SETTLED + options.check_ins):
            time.sleep(options.every)
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as told:
                told.read()
            if number == SETTLED - 1:
                before = processor_seconds(process.pid)
        spent = (processor_seconds(process.pid) - before) / options.check_ins
        pss, rss = memory(process.pid)
        process.terminate()
    row(f"{EXPORTER}, no TLS", pss, rss, spent)


def row(name: str, pss: float, rss: float, spent: float) -> None:
    print(f"{name:34}{pss:>9.1f}{rss:>9.1f}{spent:>11.4f}", flush=True)


def memory(process: int) -> tuple[float, float]:
    """PSS and RSS in MiB."""
    rows = (line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    figures = {one[0]: int(one[1]) / 1024 for one in rows}
    return figures["Pss:"], figures["Rss:"]


def processor_seconds(process: int) -> float:
    """What the scheduler gave to all its threads, to the nanosecond."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


def wait_for(seen: list[dict[str, Any]], count: int) -> None:
    until = time.monotonic() + 600
    while len(seen) < count and time.monotonic() < until:
        time.sleep(0.05)


def private_python(place: Path) -> list[str]:
    """A copy of this interpreter, with all that it maps save the C library."""
    base = Path(sys.base_prefix)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (place / "bin").mkdir(parents=True)
    python = place / "bin" / name
    shutil.copy2(base / "bin" / name, python)
    shutil.copytree(base / "lib" / name, place / "lib" / name, ignore=LEFT_OUT)
    for library in mapped_libraries():
        shutil.copy2(library, place / "lib" / library.name)
    return [str(python)]


def mapped_libraries() -> list[Path]:
    """The shared libraries that an interpreter with TLS maps."""
    ask = "import ssl, zlib, json, select, fcntl; print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    paths = {line.split()[-1] for line in maps.splitlines() if ".so" in line}
    everybodys = ("libc.so", "ld-linux", "libm.so", "lib-dynload")
    return [Path(path) for path in paths if not any(word in path for word in everybodys)]


def environment_of(python: list[str], place: Path) -> dict[str, str]:
    libraries = str(Path(python[0]).parent.parent / "lib")
    authorities = {"SSL_CERT_FILE": str(place / "all.pem"), "SSL_CERT_DIR": str(place / "none")}
    return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": libraries, **authorities}


def installed(python: list[str], program: Path) -> Path:
    """The agent as it is installed: a folder that is run, compiled."""
    shutil.copytree(AGENT, program / "rounds_agent", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(AGENT / "entry.py", program / "__main__.py")
    compiling = [*python, "-I", "-m", "compileall", "-q", str(program)]
    subprocess.run(compiling, env=environment_of(python, program), check=True)
    return program


class Handler(BaseHTTPRequestHandler):
    """Answers as a shop does."""

    protocol_version = "HTTP/1.1"
    seen: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Take a check-in, or an enrolment."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        now = datetime.now(UTC).isoformat()
        if self.path == "/check-in":
            check_in = json.loads(zlib.decompress(body))
            told: dict[str, Any] = {"received": check_in["number"], "highest": check_in["number"], "jobs": []}
            self.seen.append(check_in)
        else:
            told = {"machine": 1, "name": "weighed"}
        text = json.dumps({**told, "time": now, "nonce": os.urandom(8).hex()}).encode()
        self.send_response(200 if self.path == "/check-in" else 201)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def shop(folder: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A server over TLS; its authority stands among all of this system's in `all.pem`."""
    certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    seen: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Shop", (Handler,), {"seen": seen}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, seen
    server.shutdown()


def certificate(folder: Path) -> None:
    """An authority of our own, a certificate for localhost by it, and the authority among all of the system's."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("An authority", "localhost")]
    now, key_of = datetime.now(UTC), keys[0]
    made = []
    for number, (key, name) in enumerate(zip(keys, names, strict=True)):
        building = x509.CertificateBuilder().subject_name(name).issuer_name(names[0]).public_key(key.public_key())
        building = building.serial_number(number + 1).not_valid_before(now).not_valid_after(now + timedelta(days=2))
        building = building.add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        building = building.add_extension(identifier, critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(key_of.public_key())
        building = building.add_extension(authority, critical=False)
        if number == 0:
            usage = x509.KeyUsage(**dict.fromkeys(USES, False) | {"key_cert_sign": True, "crl_sign": True})
            building = building.add_extension(usage, critical=True)
        else:
            places = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            building = building.add_extension(x509.SubjectAlternativeName(places), critical=False)
        made.append(building.sign(key_of, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = keys[1].private_bytes(pem, form, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + made[1])
    system = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    (folder / "all.pem").write_bytes((system.read_bytes() if system.is_file() else b"") + made[0])


USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


if __name__ == "__main__":
    main()
