"""A TCP address in front of the sandbox: open, shut (nobody listens), or slammed (accepts, then hangs up unread)."""

import contextlib
import socket
import struct
import threading
from types import TracebackType

_PIECE = 65536


class Door:
    """A context manager; shut at first. `port` stays the same whatever happens to the door."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        self.port: int = self._socket.getsockname()[1]
        self._slams = False
        self._thread: threading.Thread | None = None
        self.slammed = 0

    def __enter__(self) -> "Door":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._thread is not None:
            self._thread.join()

    @property
    def api_base(self) -> str:
        """What to call the provider by."""
        return f"http://127.0.0.1:{self.port}/toss"

    def open(self) -> None:
        """Let everybody through from now on."""
        self._slams = False
        self._listen()

    def slam(self) -> None:
        """Accept every connection and close it before a byte was read."""
        self._slams = True
        self._listen()

    def _listen(self) -> None:
        if self._thread is None:
            self._socket.listen()
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            if self._slams:
                self.slammed += 1
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.close()
                continue
            other = socket.create_connection(("127.0.0.1", self._behind))
            for source, sink in ((caller, other), (other, caller)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
