"""These tests try the guard itself: each opens its own."""

import pytest


@pytest.fixture(autouse=True)
def _closed_network() -> None:
    """Instead of the suite's own guard."""
