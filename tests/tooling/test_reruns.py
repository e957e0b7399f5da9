"""Which failures `make test` tries once more: a wait that came to nothing, and nothing else."""

import re
import tomllib

import pytest
from playwright.sync_api import TimeoutError as BrowserTimeout

from tests.conftest import ROOT

PATTERNS: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"][
    "only_rerun"
]


def is_tried_again(error: BaseException) -> bool:
    told = f"{type(error).__name__}: {error}"
    return any(re.search(pattern, told) for pattern in PATTERNS)


def test_a_wait_that_came_to_nothing_is_tried_again() -> None:
    assert is_tried_again(BrowserTimeout("Locator.click: Timeout 15000ms exceeded."))
    assert is_tried_again(AssertionError("Locator expected to be visible\nActual value: None"))
    assert is_tried_again(AssertionError("Page expected to have URL '/payments'"))
    with pytest.raises(pytest.fail.Exception) as caught:
        pytest.fail("Timeout (>120.0s) from pytest-timeout.")
    assert is_tried_again(caught.value)


def test_a_wrong_answer_is_not() -> None:
    for text in ("assert 13000 == 1000", "INV-05 at most one kept charge for an order: [('ord_1',)]", "it lives on"):
        assert not is_tried_again(AssertionError(text))
    assert not is_tried_again(KeyError("status"))
