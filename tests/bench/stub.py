"""A provider with a set latency: the few calls of Toss and Stripe that a purchase makes, answered at once or never.

`python -m tests.bench.stub PORT`. `POST /stub {"latency_s": 0.2, "hangs": false}` sets it, `GET /stub` counts calls.
It is a process of its own, so that it takes nothing from the load's clock.
"""

import asyncio
import itertools
import json
import sys
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

from tests.bench.load import _length
from tests.providers.stripe_intents import NOTHING_YET, intent
from tests.providers.toss_payments import payment


class Stub:
    """What is set, and what was asked."""

    def __init__(self) -> None:
        self.latency_s, self.hangs = 0.0, False
        self.calls: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self._intents: dict[str, dict[str, Any]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One keep-alive connection, until the other side ends it."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head) if b"content-length" in head.lower() else 0)
                method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                answer = json.dumps(await self._answer(method, path.partition("?")[0], body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
                writer.write(f"{len(answer)}\r\n\r\n".encode() + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        if path == "/stub":
            if method == "POST":
                wanted = json.loads(body)
                self.latency_s, self.hangs = wanted["latency_s"], wanted["hangs"]
            return dict(self.calls)
        provider = "stripe" if path.startswith("/v1/payment_intents") else "toss"
        self.calls[provider] += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        return self._stripe(method, path, body) if provider == "stripe" else self._toss(body)

    def _stripe(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        if method == "GET":
            return self._intents[path.rpartition("/")[2]]
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        name = f"pi_3TnQv2LkdIwHu7ix{next(self._numbers):08d}"
        self._intents[name] = intent(
            **NOTHING_YET,
            id=name,
            client_secret=f"{name}_secret_nV8kq2RzXw5bTfGh1Jd0",
            amount=int(sent["amount"]),
            currency=sent["currency"],
            metadata={key[9:-1]: value for key, value in sent.items() if key.startswith("metadata[")},
        )
        return self._intents[name]

    def _toss(self, body: bytes) -> dict[str, Any]:
        sent = json.loads(body)
        amount = sent["amount"]
        return payment(paymentKey=sent["paymentKey"], orderId=sent["orderId"], totalAmount=amount, balanceAmount=amount)


async def main(port: int) -> None:
    """Serve for ever."""
    server = await asyncio.start_server(Stub().serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
