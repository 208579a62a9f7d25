"""A mail server of the tests: Debian's Dovecot in a temporary folder, with its own certificate, gone with them."""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from rounds.mail.fetching import Box

USER, PASSWORD = "alerts@shop.example", "a secret/with@signs"
CONFIGURATION = """{of_its_version}
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
first_valid_uid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {encrypted}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


BEFORE_2_4 = """
mail_location = maildir:{home}/mail
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/certificate.pem
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home
}}
"""
SINCE_2_4 = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = {home}/mail
ssl_server_cert_file = {home}/certificate.pem
ssl_server_key_file = {home}/certificate.pem
passdb passwd-file {{
  default_password_scheme = plain
  passwd_file_path = {home}/users
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {home}/home
  }}
}}
"""


def make_certificate(path: Path) -> Path:
    """A certificate for this machine, with its key, that is its own authority."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", path, "-out", path.with_suffix(".part")),
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + path.with_suffix(".part").read_text())
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A mail server that runs."""

    plain: int
    encrypted: int
    certificate: Path

    def address(self, scheme: str = "imaps", password: str = "", folder: str = "") -> str:
        password = password or quote(PASSWORD, safe="")
        port = self.encrypted if scheme == "imaps" else self.plain
        return f"{scheme}://alerts%40shop.example:{password}@127.0.0.1:{port}/{folder}"

    def box(self, scheme: str = "imaps", **changed: str) -> Box:
        return Box.of(urlsplit(self.address(scheme, **changed)))

    @contextmanager
    def signed_in(self) -> Iterator[imaplib.IMAP4]:
        """The mailbox's owner at work."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        imap = imaplib.IMAP4_SSL("127.0.0.1", self.encrypted, ssl_context=context, timeout=20)
        try:
            imap.login(USER, PASSWORD)
            yield imap
        finally:
            imap.logout()

    def deliver(self, *mails: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        when = imaplib.Time2Internaldate(at) if at else ""
        with self.signed_in() as imap:
            for mail in mails:
                assert imap.append(folder, "", when, mail)[0] == "OK"


def start() -> tuple[Server, "subprocess.Popen[bytes]"]:
    """Start a server and wait until it answers; not in a folder of pytest, which shuts out all other accounts."""
    home = Path(tempfile.mkdtemp(prefix="rounds-dovecot-"))
    home.chmod(0o755)
    certificate = make_certificate(home / "certificate.pem")
    who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    for folder in ("run", "state", "mail", "home"):
        (home / folder).mkdir()
        os.chown(home / folder, who.pw_uid, who.pw_gid)
    server = Server(free_port(), free_port(), certificate)
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    own = SINCE_2_4 if [int(part) for part in version.split(".")[:2]] >= [2, 4] else BEFORE_2_4
    (home / "dovecot.conf").write_text(
        CONFIGURATION.format(
            of_its_version=own.format(home=home, uid=who.pw_uid, gid=who.pw_gid),
            home=home, user=who.pw_name, group=grp.getgrgid(who.pw_gid).gr_name,
            plain=server.plain, encrypted=server.encrypted,
        )
    )  # fmt: skip
    process = subprocess.Popen([program, "-F", "-c", home / "dovecot.conf"])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", server.encrypted), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server, process
    process.kill()
    raise AssertionError((home / "log").read_text() if (home / "log").exists() else "Dovecot says nothing")


def stop(process: "subprocess.Popen[bytes]", server: Server) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    shutil.rmtree(server.certificate.parent, ignore_errors=True)
