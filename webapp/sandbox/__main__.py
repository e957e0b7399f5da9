"""`python -m webapp.sandbox --port 3001 --store FILE --webhook toss=URL`: serve until told to stop."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from webapp.sandbox.config import SandboxConfig
from webapp.sandbox.server import SandboxServer


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and serve. Returns 0 after Ctrl-C or SIGTERM."""
    options = _parser().parse_args(arguments)
    webhooks = dict(entry.split("=", 1) for entry in options.webhook)
    config = SandboxConfig(store=options.store, webhooks=webhooks, hold_s=options.hold)
    server = SandboxServer(config, options.host, options.port)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start()
    print(f"sandbox on {server.origin}/sandbox", flush=True)
    stop.wait()
    server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=3001, help="port; 0 takes a free one")
    parser.add_argument("--store", default=":memory:", help="SQLite file; default: memory only")
    parser.add_argument("--webhook", action="append", default=[], metavar="PROVIDER=URL")
    parser.add_argument("--hold", type=float, default=90.0, metavar="SECONDS", help="the silent card's wait")
    return parser


if __name__ == "__main__":
    sys.exit(main())
