"""An attack with forged events and links, while genuine buyers pay: `make attack`.

Nothing may be accepted, no answer be a 5xx, look-ups stay under the cap, genuine news be worked on within two seconds.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import migrate
from tests.sandbox_server import RunningSandbox
from tests.security.forgeries import Forger, Forgery, Known
from tests.shop_server import PRICE, RunningShop, seed

SEED, ALL = 20261126, 101_000
#: Forgeries between two genuine buyers.
BETWEEN = 1000
SOON_S = 2.0


class Attack:
    """One shop under attack, and what came of it."""

    def __init__(self, shop: RunningShop, seed: int) -> None:
        self.shop = shop
        paid, waiting, abroad = shop.create(), shop.create(), shop.create_abroad()
        brought = shop.authenticated(paid)
        assert shop.browse(None).back(brought).status_code == 303
        shop.work()
        self.known = Known(
            waiting=waiting["orderId"],
            waiting_abroad=abroad["orderId"],
            intent_abroad=abroad["clientSecret"].partition("_secret_")[0],
            paid=paid["orderId"],
            paid_key=brought["paymentKey"],
            amount=PRICE,
            now=int(shop.clock.now().timestamp()),
        )
        self.forger = Forger(seed, self.known)
        self.kinds: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._client = shop.app.test_client(use_cookies=False)
        self._before = self.books()

    def books(self) -> object:
        """What may not change: the orders, and what was taken for them."""
        ids = (self.known.waiting, self.known.waiting_abroad, self.known.paid)
        return [(self.shop.order(i)["status"], self.shop.payments(i)[-1]["captured_minor"]) for i in ids]

    def send(self, forgery: Forgery) -> None:
        self.kinds[forgery.kind] += 1
        if forgery.body is None:
            answer = self._client.get(forgery.path)
        else:
            json_type = "application/json"
            answer = self._client.post(forgery.path, data=forgery.body, headers=forgery.headers, content_type=json_type)
        if answer.status_code not in forgery.answers:
            self.wrong.append(f"{forgery.kind}: {answer.status_code} {forgery.path} {(forgery.body or b'')[:200]!r}")

    def changes(self) -> list[str]:
        """What the attack has moved, which is nothing."""
        found = [] if self.books() == self._before else [f"books: {self._before} became {self.books()}"]
        settled = "SELECT count(*) AS n FROM webhook_events WHERE outcome IN ('settled', 'orphan')"
        stranger = "AND order_ref NOT IN (SELECT public_id FROM orders)"
        found += [f"{row['n']} forged events settled" for row in self.shop.rows(f"{settled} {stranger}") if row["n"]]
        return found

    def most_look_ups(self) -> int:
        """The most in one minute that strangers' news has caused."""
        rows = self.shop.rows("SELECT looked_up_at AS at FROM webhook_events WHERE looked_up_at IS NOT NULL")
        return max(Counter(str(row["at"])[:16] for row in rows).values(), default=0)


def main() -> int:
    """Attack a shop whose worker runs; the exit status."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ALL
    with tempfile.TemporaryDirectory() as folder, RunningSandbox(hold_s=3) as sandbox:
        url = f"sqlite:///{folder}/shop.sqlite3"
        migrate(url)
        seed(url)
        with RunningShop(url, sandbox, Path(folder) / "outbox", LOG_LEVEL="ERROR") as shop:
            attack, slowest = Attack(shop, SEED), 0.0
            with shop.working():
                for count, forgery in enumerate(attack.forger.forgeries(number)):
                    attack.send(forgery)
                    if count % BETWEEN == 0:
                        slowest = max(slowest, _genuine(shop))
            return _tell(attack, number, slowest)


def _genuine(shop: RunningShop) -> float:
    """Seconds from a buyer's payment at Stripe until the news of it has completed her order."""
    order_id = shop.create_abroad("other@example.com")["orderId"]
    shop.sandbox.stripe_pay(order_id=order_id, card="4242424242424242")
    began = time.monotonic()
    while shop.order(order_id)["status"] != "completed" and time.monotonic() - began < 30:
        time.sleep(0.02)
    return time.monotonic() - began


def _tell(attack: Attack, number: int, slowest: float) -> int:
    cap = attack.shop.context.policy.stranger_look_ups_per_minute
    for kind, times in sorted(attack.kinds.items()):
        print(f"{times:7}  {kind}")
    wrong = [*attack.wrong[:20], *attack.changes()]
    if attack.most_look_ups() > cap:
        wrong.append(f"{attack.most_look_ups()} look-ups in a minute, {cap} allowed")
    if slowest > SOON_S:
        wrong.append(f"genuine news took {slowest:.1f} s")
    print(f"{number} forgeries, {len(attack.wrong)} with a wrong answer; genuine news within {slowest:.2f} s;")
    print(f"at most {attack.most_look_ups()} look-ups in a minute, {cap} allowed")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
