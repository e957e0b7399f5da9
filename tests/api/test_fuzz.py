"""A slice of `make fuzz`: what the document's own limits suggest, against every call."""

from pathlib import Path

from tests.api.fuzz import fuzz
from tests.shop_server import RunningShop


def test_calls_made_up_from_the_document_find_nothing(sqlite_shop: RunningShop, tmp_path: Path) -> None:
    outcome = fuzz(sqlite_shop, ["--phases", "examples,coverage", "--max-time", "25"], tmp_path)

    assert outcome.is_clean, outcome.said
    assert outcome.calls > 0, outcome.said
