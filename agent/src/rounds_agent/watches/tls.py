"""Until when is a server's certificate good, and does anybody vouch for it?"""

from __future__ import annotations

import ssl
import time

from rounds_agent.watches import certificate
from rounds_agent.watches.asking import Asked, place_of
from rounds_agent.watches.outcomes import Outcome


def watch(asked: Asked) -> Outcome:
    """Greet, and read the certificate; one that nobody vouches for fails, unless that was said to be so."""
    host, port = place_of(asked.target, 443)
    name, outcome, distrust = asked.text("server_name") or host, Outcome(), ""
    began = time.perf_counter()
    try:
        with certificate.shake(asked.connect(host, port), name, certificate.trusting(asked.text("ca"))) as spoken:
            outcome.figures["milliseconds"] = round((time.perf_counter() - began) * 1000, 2)
            certificate.read(spoken, outcome)
            return outcome
    except ssl.SSLCertVerificationError as why:
        distrust = certificate.why_not(why)
    with certificate.shake(asked.connect(host, port), name, certificate.believing_all()) as spoken:
        certificate.read(spoken, outcome, distrust)
    outcome.figures["milliseconds"] = round((time.perf_counter() - began) * 1000, 2)
    outcome.fails = "" if asked.is_set("any_certificate") else distrust
    return outcome
