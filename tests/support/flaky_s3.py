"""moto's S3 server, behind a middleware that fails, drops and delays requests by a seeded draw.

Prints its port. `/_flaky?share=0.05` sets the share of requests that fail, and answers with all requests so far.
"""
import json
import random
import socket
import threading
import time
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

ERROR = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>{}</Message></Error>"
KINDS = {"500": ("500 Internal Server Error", "InternalError"), "503": ("503 Slow Down", "SlowDown"), "dropped": None,
         "dropped half-way": None, "dropped when done": None}


class Flaky:
    """A WSGI application around another."""

    def __init__(self, app, seed: int = 0):
        self.app, self.rng, self.lock, self.share, self.log = app, random.Random(seed), threading.Lock(), 0.0, []

    def draw(self) -> tuple[str, float]:
        """How a request fails, if it does, and how long it takes."""
        with self.lock:
            kind = self.rng.choice(list(KINDS)) if self.rng.random() < self.share else ""
            return kind, 0.3 if self.rng.random() < self.share else 0

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/_flaky":
            query = parse_qs(environ["QUERY_STRING"])
            self.share = float(query["share"][0]) if "share" in query else self.share
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.log).encode()]
        kind, pause = self.draw()
        self.log.append([method, path, kind])
        time.sleep(pause)
        if path.startswith("/forbidden") or (path.startswith("/readonly") and method == "PUT" and path.count("/") > 1):
            return self.refuse(method, start_response, "403 Forbidden", "AccessDenied", "Access Denied")
        if kind in ("500", "503"):
            return self.refuse(method, start_response, *KINDS[kind], "injected")
        return self.drop(kind, environ, start_response) if kind else self.app(environ, start_response)

    def refuse(self, method: str, start_response, status: str, code: str, message: str):
        """An error as S3 words it."""
        start_response(status, [("Content-Type", "application/xml")])
        return [ERROR.format(code, message).encode()] if method != "HEAD" else []

    def drop(self, kind: str, environ, start_response):
        """Close the connection: before anything is done, in the middle of the answer, or before it."""
        if kind != "dropped":
            body, status, headers = run_wsgi_app(self.app, environ)
            body = b"".join(body)
            if kind == "dropped half-way" and len(body) > 1:
                start_response(status, list(headers))
                yield body[: len(body) // 2]
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, Flaky(DomainDispatcherApplication(create_backend_app)), threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
