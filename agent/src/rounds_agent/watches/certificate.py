"""The certificate that a server shows: does anybody vouch for it, and how many days has it left?"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Any

from rounds_agent.clock import read_moment
from rounds_agent.probes import certificates
from rounds_agent.watches.outcomes import Fails, Outcome

DAY = 86_400.0


def trusting(ca: str = "") -> ssl.SSLContext:
    """A context that believes the system's authorities, or those of a file."""
    return ssl.create_default_context(cafile=ca or None)


def believing_all() -> ssl.SSLContext:
    """A context that takes any certificate: only to read when it ends, never to say anything secret."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with contextlib.suppress(ssl.SSLError):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # old devices
    return context


def shake(raw: socket.socket, name: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Speak TLS; Fails says why that is not possible. What is not believed is ssl.SSLCertVerificationError."""
    try:
        return context.wrap_socket(raw, server_hostname=name)
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError:
        raise Fails("no answer to the TLS greeting in time") from None
    except (OSError, ValueError) as why:
        raise Fails(f"TLS does not come about: {getattr(why, 'reason', None) or why}") from None


def read(spoken: ssl.SSLSocket, outcome: Outcome, distrust: str = "") -> None:
    """Add what the certificate says; `distrust` is why nobody vouches for it, "" if somebody does."""
    der = spoken.getpeercert(binary_form=True)
    if not der:
        raise Fails("the server shows no certificate")
    try:
        name, ends_at = certificates.read(der)
    except (ValueError, IndexError) as why:
        raise Fails(f"the certificate cannot be read: {why}") from None
    left = (read_moment(ends_at) - time.time()) / DAY
    told: dict[str, Any] = {"name": name, "ends_at": ends_at, "version": spoken.version() or ""}
    outcome.figures["certificate.days"] = round(left, 2)
    outcome.facts["certificate"] = {**told, "distrust": distrust} if distrust else told


def why_not(distrust: ssl.SSLCertVerificationError) -> str:
    """Why a certificate is not believed, in OpenSSL's words."""
    return f"nobody vouches for the certificate: {distrust.verify_message or distrust}"
