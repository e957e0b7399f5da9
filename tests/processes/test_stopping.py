"""SIGTERM in the middle of a confirm or a job (FM-123): finish what is in flight, or leave it to the recovery."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from tests.crash.books import applied_confirms, assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.purchases import prepare
from tests.crash.served_shop import wait_until
from tests.mail.mail_server import RunningMailServer

SLOW_S = 2.0


def test_fm_123_a_confirm_in_flight_is_finished(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve()
    site = shop.start_site()
    purchase = prepare(shop, "page")
    shop.sandbox.set_webhook(None)
    shop.sandbox.fault(call="confirm", then="delay", delay_s=SLOW_S)
    with ThreadPoolExecutor(1) as pool:
        landing = pool.submit(purchase.come_back)
        wait_until(lambda: applied_confirms(shop, purchase.sent_id), "the provider has charged")
        site.process.send_signal(signal.SIGTERM)
        answer = landing.result(30)
    assert answer.status_code == 303, "her request was answered"
    assert site.wait_end() == 0
    assert shop.order(purchase.order_id)["status"] == "completed", "without any recovery"
    shop.start_site()
    assert purchase.look() == "completed"
    shop.settle_down(hours=1)
    assert_sold_once(shop, purchase.order_id)
    assert_books(shop, mailbox)
    assert len(shop.sandbox.calls("confirm")) == 1


def test_fm_123_a_confirm_that_nobody_waits_for_is_not_lost(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve(LANDING_WAIT_S="0.2")
    site = shop.start_site()
    purchase = prepare(shop, "page")
    shop.sandbox.set_webhook(None)
    shop.sandbox.fault(call="confirm", then="delay", delay_s=SLOW_S)
    assert purchase.come_back().status_code == 303
    assert purchase.look() == "confirming"
    site.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert site.wait_end() == 0
    assert time.monotonic() - began < 20
    shop.start_site()
    shop.settle_down(hours=1)
    assert_sold_once(shop, purchase.order_id)
    assert_books(shop, mailbox)
    assert len(shop.sandbox.calls("confirm")) == 1


def test_fm_123_the_worker_finishes_its_job(serve: ServeShop, mailbox: RunningMailServer) -> None:
    shop = serve(own_site=True)
    purchase = prepare(shop, "call")
    shop.sandbox.set_webhook(None)
    shop.sandbox.fault(call="confirm", then="reset", apply=False)
    shop.clock.advance(-120)  # due at once for a worker with the real time
    assert purchase.come_back().status_code == 202
    shop.clock.advance(120)
    shop.sandbox.fault(call="confirm", then="delay", delay_s=SLOW_S)
    worker = shop.start_worker()
    wait_until(lambda: applied_confirms(shop, purchase.sent_id), "the sweeper's confirm was charged")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.wait_end() == 0
    assert shop.order(purchase.order_id)["status"] == "completed"
    shop.settle_down(hours=1)
    assert_sold_once(shop, purchase.order_id)
    assert_books(shop, mailbox)
