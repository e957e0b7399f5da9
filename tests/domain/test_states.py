"""The life of a payment, an order and a refund: every pair of words has one meaning, and no money is forgotten."""

import itertools

import pytest

from webapp.domain.states import (
    BUSY,
    DECIDING,
    LEAVES_PAYABLE,
    MOVES,
    OPEN,
    PAID,
    REFUND_COUNTS,
    REFUND_MOVES,
    STALE,
    PaymentStatus,
    RefundStatus,
    can_move,
    order_status,
    steps,
)

S = PaymentStatus
PAIRS = list(itertools.product(S, S))

#: Every pair once more, written by hand. Row: where we are. Column: what is reported, in the same order.
#: `m` moves, `s` is old news, `=` says nothing new, `.` must not happen: a person is told.
GRID = """
                    pend conf proc wait done mism fail canc expi part back
pending              =    m    m    m    m    m    m    m    m    .    .
confirming           m    =    m    m    m    m    m    m    m    .    .
processing           m    .    =    .    m    m    m    m    .    .    .
awaiting_deposit     s    .    .    =    m    m    m    m    m    .    .
completed            s    .    s    m    =    .    .    .    .    m    m
mismatch             s    .    s    s    .    =    .    .    .    .    m
failed               s    .    s    .    m    m    =    s    s    .    .
canceled             s    .    s    s    m    m    s    =    s    .    .
expired              s    .    s    s    m    m    s    s    =    .    .
partially_refunded   s    .    s    s    s    .    .    .    .    m    m
refunded             s    .    s    s    s    .    .    .    .    s    =
"""
MEANINGS = {
    (S(line.split()[0]), reported): mark
    for line in GRID.strip().splitlines()[1:]
    for reported, mark in zip(S, line.split()[1:], strict=True)
}

#: A mere "pending" undoes nothing (a payment that nobody has confirmed yet reads so too), but proof does: that the key
#: was invented, or that nothing is under way any more. These pairs are old news when reported, moves when proven.
LED_BY_PROOF = {(S.CONFIRMING, S.PENDING), (S.PROCESSING, S.PENDING)}


def meaning(current: PaymentStatus, reported: PaymentStatus) -> str:
    if (current, reported) in MOVES:
        return "m"
    if (current, reported) in STALE:
        return "s"
    return "=" if current is reported else "."


@pytest.mark.parametrize("current, reported", PAIRS)
def test_every_pair_has_the_meaning_that_the_grid_gives_it(current: PaymentStatus, reported: PaymentStatus) -> None:
    assert meaning(current, reported) == MEANINGS[current, reported]


@pytest.mark.parametrize("current, reported", PAIRS)
def test_the_way_to_a_report_goes_along_the_table(current: PaymentStatus, reported: PaymentStatus) -> None:
    way = steps(current, reported)

    assert not way or way[-1] is reported
    assert all(can_move(here, there) for here, there in itertools.pairwise((current, *way)))


def test_every_move_says_why() -> None:
    assert [edge for edge, why in MOVES.items() if len(why) < 5] == []
    assert [edge for edge, why in REFUND_MOVES.items() if len(why) < 5] == []


def test_old_news_moves_nothing() -> None:
    assert set(MOVES) & STALE == LED_BY_PROOF


def test_every_status_can_be_reached_from_the_first_one() -> None:
    reached = {S.PENDING}
    while new := {to for here, to in MOVES if here in reached} - reached:
        reached |= new

    assert reached == set(S)


@pytest.mark.parametrize("over", sorted(LEAVES_PAYABLE))
def test_money_that_was_taken_is_called_over_only_after_the_bank_took_it_back(over: PaymentStatus) -> None:
    assert steps(S.PARTIALLY_REFUNDED, over) == steps(S.REFUNDED, over) == ()
    assert not can_move(S.COMPLETED, over)
    assert steps(S.COMPLETED, over)[:1] in ((), (S.AWAITING_DEPOSIT,))


@pytest.mark.parametrize("status", [s for s in S if s not in (*PAID, S.MISMATCH)])
def test_money_can_turn_up_late_from_everywhere(status: PaymentStatus) -> None:
    assert steps(status, S.COMPLETED) == (S.COMPLETED,)
    assert steps(status, S.MISMATCH) == (S.MISMATCH,)


@pytest.mark.parametrize("status", [S.PENDING, S.CONFIRMING, S.FAILED, S.CANCELED, S.EXPIRED])
def test_money_that_came_and_went_unseen_was_taken_first(status: PaymentStatus) -> None:
    assert steps(status, S.REFUNDED) == (S.COMPLETED, S.REFUNDED)


def test_a_part_can_go_back_more_than_once_and_nothing_comes_out_of_refunded() -> None:
    assert steps(S.PARTIALLY_REFUNDED, S.PARTIALLY_REFUNDED) == (S.PARTIALLY_REFUNDED,)
    assert [to for here, to in MOVES if here is S.REFUNDED] == []


def test_money_that_was_not_ordered_only_goes_back() -> None:
    assert [to for here, to in MOVES if here is S.MISMATCH] == [S.REFUNDED]


@pytest.mark.parametrize("status", list(S))
def test_an_order_carries_its_attempts_word_unless_it_can_be_paid_again(status: PaymentStatus) -> None:
    assert order_status(status) is (S.PENDING if status in LEAVES_PAYABLE else status)


def test_a_status_either_blocks_another_payment_or_leaves_the_order_payable() -> None:
    assert {S.PENDING} | BUSY | LEAVES_PAYABLE == set(S)
    assert not BUSY & LEAVES_PAYABLE
    assert DECIDING | {S.MISMATCH, S.REFUNDED} == BUSY | {S.PENDING}


def test_what_is_open_is_what_can_still_turn_into_money_without_the_buyer() -> None:
    assert {S.CONFIRMING, S.PROCESSING, S.AWAITING_DEPOSIT} == OPEN
    assert all(can_move(status, S.COMPLETED) for status in OPEN)


def test_a_refund_counts_until_it_is_known_to_have_failed() -> None:
    assert set(RefundStatus) - REFUND_COUNTS == {RefundStatus.FAILED}


def test_a_refund_ends_in_one_of_two_words_and_stays_there() -> None:
    ends = set(RefundStatus) - {here for here, _ in REFUND_MOVES}

    assert ends == {RefundStatus.SUCCEEDED, RefundStatus.FAILED}
    assert {there for _, there in REFUND_MOVES} | {RefundStatus.RESERVED} == set(RefundStatus)
