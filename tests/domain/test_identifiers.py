"""Ids that leave the house: unguessable, of one shape, and short enough for every provider."""

import re

import pytest

from webapp.domain.clock import SystemRandomness
from webapp.domain.identifiers import (
    ORDER_ID,
    attempt_order_id,
    fingerprint,
    new_customer_key,
    new_idempotency_key,
    new_order_id,
)

RANDOM = SystemRandomness()


def test_an_order_id_is_public_random_and_fits() -> None:
    ids = {new_order_id(RANDOM) for _ in range(1000)}

    assert len(ids) == 1000
    # 22 characters of 6 bits carry the 128 random bits.
    assert all(re.fullmatch(r"ord_[A-Za-z0-9_-]{22}", id_) for id_ in ids)


def test_the_first_attempt_sends_the_orders_own_id_and_later_ones_their_own() -> None:
    order_id = new_order_id(RANDOM)
    sent = [attempt_order_id(order_id, number) for number in range(1, 200)]

    assert sent[:3] == [order_id, f"{order_id}-2", f"{order_id}-3"]
    assert len(set(sent)) == len(sent)
    assert all(len(id_) <= 40 and ORDER_ID.match(id_) for id_ in sent)


@pytest.mark.parametrize("wrong", ["ord_1", "", "a" * 65, "ord_äbcdef", "ord_12 34", "ord_1234\n", "ord/1234"])
def test_what_is_no_order_id(wrong: str) -> None:
    assert ORDER_ID.match(wrong) is None


def test_a_customer_key_tells_nothing_about_the_person() -> None:
    keys = {new_customer_key(RANDOM) for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(r"cus_[A-Za-z0-9_-]{22}", key) for key in keys)


def test_an_idempotency_key_is_new_every_time_and_names_its_operation() -> None:
    keys = {new_idempotency_key(RANDOM, "confirm") for _ in range(100)}

    assert len(keys) == 100
    assert all(key.startswith("confirm-") and len(key) <= 60 for key in keys)


def test_a_fingerprint_is_of_the_content_not_of_its_order() -> None:
    body = {"ref": "key", "amount": 13000, "name": "사주"}

    assert fingerprint(body) == fingerprint(dict(reversed(body.items())))
    assert len(fingerprint(body)) == 64
    assert fingerprint(body) != fingerprint({**body, "amount": 13001})
    assert fingerprint(body) != fingerprint({**body, "amount": "13000"})
