"""The bench runs, its clock hides no wait, and its page is what the committed figures say."""

import asyncio
import itertools
import sys
from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.__main__ import PAGE, SCENARIOS, main
from tests.bench.figures import BENCH_JSON, Figure, Target, read, written
from tests.bench.load import Answers, BadAnswer, paced, percentile, request


def test_the_page_is_written_from_the_committed_figures() -> None:
    page = report.page(*read(BENCH_JSON.read_text("utf-8")), SCENARIOS)
    assert PAGE.read_text("utf-8") == page, "make bench BENCH=--page writes it anew"


def test_every_scenario_has_figures_in_the_committed_run() -> None:
    _, figures = read(BENCH_JSON.read_text("utf-8"))
    said = " ".join(figure.scenario for figure in figures)
    words = {"hanging": "hangs", "memory": "at rest", "start": "cold start"}
    assert [name for name in SCENARIOS if words.get(name, name) not in said] == []


def test_a_missed_target_is_said_to_be_missed() -> None:
    made = Figure(scenario="s", what="w", value=30, unit="ms", target=Target(bound=25, of_ratio=False))
    slow = Figure(
        scenario="s", what="w", value=14, unit="/s", beside="raw", base=100, target=Target(bound=0.15, at_least=True)
    )
    head, figures = read(written([made, slow], {"cores": "2"}, quick=False))
    assert figures == [made, slow]
    page = report.page(head, figures, ["s"])
    assert page.count("**missed**") == 2
    assert "Of 2 targets 0 are met, 2 missed." in page
    assert "0.14 × raw (100/s) | at least 0.15 ×" in page


@pytest.mark.parametrize("share, expected", [(0.5, 5.0), (0.99, 10.0), (0.1, 1.0)])
def test_percentiles_are_values_that_occurred(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], share) == expected


def test_the_open_loop_counts_the_wait_for_a_server_that_stalls() -> None:
    """One connection, ten requests due within 90 ms, the first answered after 300: the last has waited for 200."""
    answers = asyncio.run(_stalling(0.3))
    assert answers.count == 10
    assert min(answers.latencies) >= 0.2


async def _stalling(stall_s: float) -> Answers:
    asked = itertools.count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            if next(asked) == 0:
                await asyncio.sleep(stall_s)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        raw = request("GET", "/", port)
        return await paced(port, lambda _: raw, rate=100, seconds=0.1, connections=1)


def test_an_answer_that_was_not_expected_ends_the_run() -> None:
    answers = Answers()
    answers.statuses.update([200, 503])
    with pytest.raises(BadAnswer):
        answers.need(200)


@pytest.mark.skipif(sys.platform != "linux", reason="the bench reads /proc")
def test_the_smallest_scenario_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = BENCH_JSON.read_bytes()
    taken = tmp_path / "taken.json"
    assert main(["--quick", "--only", "memory", "--json", str(taken)]) == 0
    head, figures = read(taken.read_text("utf-8"))
    assert head["quick"]
    assert all(figure.value > 10 and figure.base > 10 for figure in figures)
    assert "memory (PSS)" in capsys.readouterr().out
    assert BENCH_JSON.read_bytes() == before, "a part of a run rewrites nothing"
