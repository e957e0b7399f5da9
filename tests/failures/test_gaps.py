"""The list of failure modes and the tests that bear its numbers: nothing on it may lose its test."""

import pytest

from tests.failures.gaps import FailureMode, found, listed, lost, read_sources

HEAD = "## The list\n\n| FM | what | weight | tested on |\n|---|---|---|---|\n"
FIXTURES = "def shop(make_shop, database_url): ...\ndef sqlite_shop(sqlite_url): ...\n"


def test_no_number_is_tested_less_than_the_list_says() -> None:
    assert lost(listed(), found(read_sources())) == []


def test_the_list_holds_every_number_once_and_every_tested_one() -> None:
    numbers = [row.number for row in listed()]

    assert numbers == list(range(1, len(numbers) + 1))
    assert set(found(read_sources())) - set(numbers) == set()
    assert {row.weight for row in listed()} == {"P0", "P1", "P2"}


def test_a_lost_test_is_noticed() -> None:
    rows = listed(HEAD + "| 1 | a | P0 | both databases |\n| 2 | b | P1 | – |\n")

    assert rows == [FailureMode(1, "a", "P0", "both databases"), FailureMode(2, "b", "P1", "–")]
    assert lost(rows, {}) == ["FM-01 is tested on: –, listed: both databases"]
    assert lost(rows, {1: "one database"}) == ["FM-01 is tested on: one database, listed: both databases"]
    assert lost(rows, {1: "both databases", 2: "parts"}) == []


@pytest.mark.parametrize(
    "asked, reach", [("deaf", "both databases"), ("sqlite_shop", "one database"), ("tmp_path", "parts")]
)
def test_databases_are_found_through_other_fixtures(asked: str, reach: str) -> None:
    code = f"{FIXTURES}def deaf(shop): ...\ndef test_fm_07_it_holds({asked}, other): ...\n"

    assert found({"test_it.py": code}) == {7: reach}
