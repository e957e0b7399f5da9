"""The tree of failures: each with a code of its own, a title for people, and a status that fits."""

import re
from http import HTTPStatus

import pytest

from webapp.domain.failures import Failure, Invalid, StillRunning, all_failures


def kinds() -> list[type[Failure]]:
    """Every class of the tree, by walking it."""
    found, todo = [], [Failure]
    while todo:
        kind = todo.pop()
        found.append(kind)
        todo += kind.__subclasses__()
    return found


def test_no_two_failures_share_a_code() -> None:
    codes = [kind.code for kind in kinds()]

    assert len(codes) == len(set(codes))


def test_the_list_of_all_failures_leaves_none_out() -> None:
    listed = all_failures()

    assert set(listed) == set(kinds()) - {Failure}
    assert [kind.code for kind in listed] == sorted(kind.code for kind in listed)


@pytest.mark.parametrize("kind", all_failures(), ids=lambda kind: kind.code)
def test_a_failure_has_words_and_a_status_of_its_kind(kind: type[Failure]) -> None:
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", kind.code)
    assert kind.title
    assert not kind.title.endswith(".")
    assert HTTPStatus(kind.status) >= 400
    assert kind.status is not HTTPStatus.BAD_GATEWAY


@pytest.mark.parametrize("kind", all_failures(), ids=lambda kind: kind.code)
def test_who_is_told_to_come_back_is_told_when(kind: type[Failure]) -> None:
    waits = kind.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS) or kind is StillRunning

    assert (kind.retry_after is not None) is waits


def test_only_the_last_resort_is_a_500() -> None:
    assert [kind.code for kind in all_failures() if kind.status >= 500 and kind.retry_after is None] == ["UNEXPECTED"]


def test_a_failure_carries_its_detail_and_an_invalid_one_its_fields() -> None:
    failure = Invalid("amount: too small", {"amount": "too small"})

    assert (failure.detail, failure.fields) == ("amount: too small", {"amount": "too small"})
    assert str(Failure()) == Failure.title
    assert Failure().detail == ""
