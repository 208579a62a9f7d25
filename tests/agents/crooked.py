"""A shop's server in an intruder's hands: it passes everything on, but gives out other packages than asked for."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PACKAGE = "/agents/package/"
OF_A_WAY = {"connection", "transfer-encoding", "content-length", "host"}  # headers of one connection alone

type Swap = Callable[[bytes], bytes]


@contextmanager
def crooked_server(port: int, swap: Swap) -> Iterator[tuple[str, list[str]]]:
    """Stand before the server on a port; gives the address, and the packages that were given out, by their path."""
    given: list[str] = []

    class Crooked(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_A_WAY}
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as behind:
                behind.request(self.command, self.path, self.rfile.read(length) if length else None, headers)
                answer = behind.getresponse()
                body = answer.read()
            if self.path.startswith(PACKAGE):
                given.append(self.path)
                body = swap(body)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OF_A_WAY:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _pass_on  # noqa: N815 - as the library calls them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Crooked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", given
    finally:
        server.shutdown()
        server.server_close()
