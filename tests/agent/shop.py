"""A stand-in for the shop's server: answers on a real socket what a test tells it to, and keeps what it was sent."""

import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rounds_agent.clock import write_moment

type Answer = tuple[int, dict[str, Any]]


class StandIn:
    """What came, and what is answered; `say` decides, from the check-in, what to answer."""

    def __init__(self) -> None:
        self.check_ins: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.say: Callable[[dict[str, Any]], Answer] = self.received
        self.jobs: list[dict[str, Any]] = []
        self.address = ""
        self.arrived = threading.Condition()

    def received(self, check_in: dict[str, Any], **more: Any) -> Answer:
        """Take it."""
        number = check_in["number"]
        return 200, {"received": number, "highest": number, "time": more.pop("time", None), "jobs": self.jobs, **more}

    def wait_for(self, is_there: Callable[[list[dict[str, Any]]], bool], seconds: float = 20) -> None:
        """Wait until what came is as wanted."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: is_there(self.check_ins), seconds), self.check_ins


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.stand_in.arrived:
            status, told = self._one(body) if self.path == "/check-in" else self._many(body)
            self.stand_in.headers.append(dict(self.headers))
            self.stand_in.arrived.notify_all()
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _one(self, body: bytes) -> Answer:
        check_in = json.loads(zlib.decompress(body))
        answer = self.stand_in.say(check_in)
        self.stand_in.check_ins.append(check_in)
        return answer

    def _many(self, body: bytes) -> Answer:
        """A batch is answered as its check-ins would be one by one; a refusal of Rounds does not hold up the others."""
        kept, refused = [], []
        while body:
            length = int.from_bytes(body[:4], "big")
            one, body = body[4 : 4 + length], body[4 + length :]
            status, told = self._one(one)
            last = self.stand_in.check_ins[-1]
            if status == 200 and "received" in told:
                kept.append((last["epoch"], last["number"]))
            elif status in {400, 413, 422} and "drop" in told:
                refused.append({"epoch": last["epoch"], "number": last["number"], **told})
            else:
                return status, told
        return 200, {"kept": kept, "refused": refused, "jobs": self.stand_in.jobs}

    def handle(self) -> None:
        with suppress(ConnectionError):  # agents are killed in these tests
            super().handle()

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def stand_in_shop() -> Iterator[StandIn]:
    """Serve one on a free port."""
    stand_in = StandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refusal(code: str, *, status: int, drop: bool, time: float | None = None) -> Answer:
    """A refusal as the protocol has it."""
    told: dict[str, Any] = {"code": code, "reason": f"because it is {code}", "drop": drop}
    return status, {**told, "time": write_moment(time)} if time is not None else told
