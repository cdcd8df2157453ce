"""The wire between Shipmate and a PostgreSQL server, which can be cut in the middle of a commit."""

import socket
import socketserver
import threading
from contextlib import closing, suppress
from enum import Enum
from urllib.parse import urlsplit

from typing_extensions import override


class Cut(Enum):
    """Where the wire breaks, once, at the next commit."""

    BEFORE = "before"
    """The server never hears of the commit."""
    AFTER = "after"
    """The server has committed, and nobody hears of it."""


class Wire(socketserver.ThreadingTCPServer):
    """Carries bytes both ways, each connection in threads of its own."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Carrier)
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self.server = (parts.hostname, parts.port)
        self.url = url.replace(f":{parts.port}/", f":{self.server_address[1]}/")
        self.cut: Cut | None = None
        self.passing = 0
        self.was_cut = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever)

    def open(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def at_commit(self) -> Cut | None:
        """Say whether this commit is the one to be cut off: the first after `passing` others."""
        self.passing -= 1
        if self.passing >= 0 or self.cut is None:
            return None
        where, self.cut = self.cut, None
        self.was_cut.set()
        return where

    def close(self) -> None:
        """Carry nothing more."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Carrier(socketserver.BaseRequestHandler):
    @override
    def handle(self) -> None:
        assert isinstance(self.server, Wire)
        with closing(socket.create_connection(self.server.server)) as far:
            back = threading.Thread(target=self._back, args=(far,), daemon=True)
            self._dropping = False
            back.start()
            with suppress(OSError):
                self._forth(self.server, far)
            with suppress(OSError):
                far.shutdown(socket.SHUT_RDWR)
            back.join()

    def _forth(self, wire: Wire, far: socket.socket) -> None:
        while said := self.request.recv(65536):
            where = wire.at_commit() if b"COMMIT" in said else None
            if where is Cut.BEFORE:
                return
            self._dropping = where is Cut.AFTER
            far.sendall(said)

    def _back(self, far: socket.socket) -> None:
        with suppress(OSError):
            while said := far.recv(65536):
                if self._dropping:
                    break
                self.request.sendall(said)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)
