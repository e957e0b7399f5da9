"""Callers from many addresses, in this process: a request costs a millisecond and no connection."""

from werkzeug.test import TestResponse

from tests.shop_server import PASSWORD, PRICE, PRODUCT, RunningShop

ELSEWHERE = "198.51.100.7"


def log_in(
    shop: RunningShop, email: str, *, address: str = ELSEWHERE, headers: dict[str, str] | None = None
) -> TestResponse:
    """One log-in by program with a wrong password."""
    return ask(
        shop, "POST", "/auth/token", address=address, headers=headers, json={"email": email, "password": PASSWORD + "?"}
    )


def ask(
    shop: RunningShop,
    method: str,
    path: str,
    *,
    address: str = ELSEWHERE,
    headers: dict[str, str] | None = None,
    json: object = None,
) -> TestResponse:
    """A request without cookies from some address."""
    environ = {"REMOTE_ADDR": address}
    client = shop.app.test_client(use_cookies=False)
    return client.open(path, method=method, headers=headers, json=json, environ_overrides=environ)


def stray(shop: RunningShop, *, address: str = ELSEWHERE, headers: dict[str, str] | None = None) -> int:
    """The status of a confirm for an order that nobody has made; one millisecond, where a log-in takes 400."""
    body = {"paymentKey": "tviva123", "orderId": "ord_unknown1", "amount": PRICE}
    return ask(shop, "POST", "/payment/toss/confirm", address=address, headers=headers, json=body).status_code


def unpaid(shop: RunningShop, token: str, **kwargs: str) -> TestResponse:
    """One create by program."""
    headers = {"Authorization": f"Bearer {token}"}
    return ask(shop, "POST", "/payment/toss/create", headers=headers, json={"product": PRODUCT}, **kwargs)
