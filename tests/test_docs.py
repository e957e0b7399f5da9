"""The documents say what is true: settings, commands, addresses, codes, alerts, paths, links."""

import itertools
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click
import pytest
from dotenv import dotenv_values
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.tooling import documents
from tests.tooling.documents import kept_files, quoted, table, texts
from tests.tooling.house import ROOT
from webapp import create_app
from webapp.domain.failures import all_failures
from webapp.providers.registry import PROVIDERS
from webapp.services.refusals import KINDS
from webapp.settings import Settings, load_settings

README, ENV = ROOT / "README.md", ROOT / ".env.example"
API, ARCHITECTURE, OPERATIONS = (ROOT / "docs" / name for name in ("api.md", "architecture.md", "operations.md"))
GOING_LIVE = ROOT / "docs" / "going-live.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = [p for p in kept_files() if p.suffix == ".md"]
OURS = [p for p in PAGES if p.name != "level-7-setup-guide.md"]  # the guide is kept as it was handed over
SERVICES = [p.read_text("utf-8") for p in sorted((ROOT / "webapp" / "services").glob("*.py"))]

#: Alert kinds that the code makes up as it goes.
SPELLED_OUT = {
    "f'mail_{state}'": {"mail_perhaps_sent", "mail_failed"},
    "kind": {"second_charge", "orphan", "mismatch"},
    "kind_of(failure)": {kind for _, kind in KINDS},
    "stop[0]": {"foreign_answer", "unknown_word", "another_sum"},
}
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]

# Put together from pieces, so that this file doesn't hold what it forbids.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com"]
REGISTRIES += ["crates" + ".io", "ruby" + "gems.org", "proxy.gol" + "ang.org", "conda" + ".io", "docker" + ".io"]
PLACES = ["/ro" + "ot/", "/wo" + r"rk/", "/ho" + r"me/\w", "/Us" + r"ers/\w", r"[A-Z]:\\Us" + "ers"]
MADE_BY = ["cla" + "ude", "anthro" + "pic", "chat" + "gpt", "open" + "ai", "gpt-" + r"\d", "copi" + "lot"]
MADE_BY += [r"\bll" + r"ms?\b", "language mo" + "del", r"ai[ -]gen" + "erated", "coding ag" + "ent"]
MADE_BY += [r"\bpart \d of " + r"\d\b", r"\bissue " + r"#?\d", r"\bA" + r"I[ -](?:agent|assistant|tool)"]
FORBIDDEN = re.compile("|".join([*map(re.escape, REGISTRIES), *PLACES, *(f"(?i:{word})" for word in MADE_BY)]))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    database = tmp_path_factory.mktemp("docs") / "none.sqlite3"
    return create_app(load_settings({"DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "WARNING"}))


def commands(group: click.Group) -> set[str]:
    """Our own commands as a person types them."""
    found = set()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = commands(command) if isinstance(command, click.Group) else set()
        found |= {f"{name} {each}" for each in inner} or {name}
    return found


def read(paths: Iterable[Path]) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def known_settings() -> set[str]:
    """Every setting that the code reads."""
    names = {name.upper() for name in Settings.model_fields}
    for folder in PROVIDERS.values():
        names |= documents.asked_for(partial(folder.Config.from_env, sandbox_origin=None))
    return names


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def addresses(app: Flask) -> set[str]:
    """Every method and path that the app answers, `GET /payments`; the providers' calls once for each provider."""
    found = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            is_call = rule.rule.startswith("/payment/<provider_name>/")
            for name in PROVIDERS if is_call else ("",):
                found.add(f"{method} {rule.rule.replace('<provider_name>', name) if is_call else rule.rule}")
    return found


def named_addresses(text: str) -> set[str]:
    headings = re.findall(r"^## ((?:GET|POST) \S+)$", text, re.MULTILINE)
    return {*headings, *(each for each in quoted(text) if re.match(r"(GET|POST) /", each))}


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    listed = documents.settings_of(ENV.read_text("utf-8"))

    assert set(listed) == known_settings()
    assert len(listed) == len(set(listed))
    assert {"DATABASE_URL", "TOSS_SECRET_KEY", "TOSS_SDK_V1_URL"} <= set(listed)


def test_the_example_shows_the_defaults_and_no_secret() -> None:
    example = {name: value or "" for name, value in dotenv_values(ENV).items()}

    assert load_settings(example) == load_settings({})
    assert [name for name, value in example.items() if re.search(r"KEY|_URL$", name) and value] == []


def test_every_setting_in_the_example_is_explained() -> None:
    lines = itertools.pairwise(ENV.read_text("utf-8").splitlines())

    assert [line for above, line in lines if line[:1].isupper() and (not above or above.startswith("# --"))] == []


def test_settings_that_the_documents_name_exist() -> None:
    shaped = re.compile(r"[A-Z]+_[A-Z_0-9]+\Z|PORT\Z|HOST\Z")
    known = known_settings() | {kind.code for kind in all_failures()}
    theirs = {"PAYMENT_STATUS_CHANGED", "DEPOSIT_CALLBACK", "UNAUTHORIZED_KEY", "INVALID_API_KEY", "ORDER_ID"}
    theirs |= {"NOT_FOUND_PAYMENT", "EVIDENCE_NAME", "PROVIDERS", "PROVIDER_NAMES", "BUYERS"}

    named = {each for page in (README, OPERATIONS, ROOT / "SECURITY.md", *DECISIONS) for each in quoted(read([page]))}
    assert {name for name in named if shaped.match(name)} - known - theirs == set()


def test_every_command_is_in_operations_and_no_other(app: Flask) -> None:
    ours = {name for name in commands(app.cli) if name.split()[0] not in ("run", "shell", "routes")}

    assert documents.flask_commands(OPERATIONS.read_text("utf-8")) == ours
    assert documents.flask_commands(read(OURS)) - ours == set()


def test_every_make_target_is_in_the_readme_and_no_other() -> None:
    assert documents.make_targets(README.read_text("utf-8")) == makefile_targets()
    assert documents.make_targets(read(OURS)) - makefile_targets() == set()


def test_every_address_is_documented_and_no_other(app: Flask) -> None:
    documented = named_addresses(API.read_text("utf-8")) | named_addresses(ARCHITECTURE.read_text("utf-8"))

    assert documented == addresses(app)


def test_addresses_that_other_documents_name_are_answered(app: Flask) -> None:
    adapter = app.url_map.bind("127.0.0.1")
    for named in {
        each for page in (README, OPERATIONS, ROOT / "SECURITY.md") for each in named_addresses(read([page]))
    }:
        method, path = named.split(" ", 1)
        try:
            adapter.match(path, method=method)
        except HTTPException as unknown:
            pytest.fail(f"{named}: {unknown}")


def test_every_failure_is_in_the_api_with_its_status() -> None:
    listed = {row[0].strip("`"): int(row[1]) for row in table(API.read_text("utf-8"), "## Errors")}

    assert listed == {kind.code: int(kind.status) for kind in all_failures()}


@pytest.mark.parametrize(
    "function, heading", [("raise_alert", "## Alerts"), ("suspect", "## Refused and suspicious things")]
)
def test_every_alert_is_in_operations_and_no_other(function: str, heading: str) -> None:
    raised = [kind for code in SERVICES for kind in documents.calls_of(code, function, 1, SPELLED_OUT)]
    listed = [row[0].strip("`") for row in table(OPERATIONS.read_text("utf-8"), heading)]

    assert sorted(listed) == sorted(set(raised))


def test_every_place_that_the_readme_names_is_there() -> None:
    places = table(README.read_text("utf-8"), "## Where do I look")

    assert len(places) >= 20
    assert [(row[0], missing) for row in places for missing in documents.missing_code(row[1])] == []


def test_going_live_answers_every_line_of_the_guide() -> None:
    guide, ours = (ROOT / "docs" / "level-7-setup-guide.md").read_text("utf-8"), GOING_LIVE.read_text("utf-8")
    checklist = re.findall(r"^- \[ \] (.+)$", guide, re.MULTILINE)
    numbered = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
    practices = numbered.findall(guide.partition("## Security Best Practices")[2].partition("---")[0])
    steps = numbered.findall(guide.partition("## Next Steps")[2].partition("---")[0])
    asked = {
        "## The guide's checklist": checklist,
        "## The guide's security practices": practices,
        "## The guide's next steps": [step.partition(":")[0] for step in steps],
    }

    assert [len(lines) for lines in asked.values()] == [13, 10, 7]
    for heading, lines in asked.items():
        answered = [row[0].partition(":")[0] for row in table(ours, heading)]
        plain = [line.replace("**", "") for line in lines]
        assert [line for line in plain if line not in answered and f"{line} (optional)" not in answered] == []


def test_going_live_names_the_events_that_the_shop_reads() -> None:
    named = {each for row in table(GOING_LIVE.read_text("utf-8"), "## 5. Webhooks") for each in quoted(row[0])}
    stripe = set(re.findall(r"`((?:payment_intent|charge|refund)\.[a-z_.]+)`", OPERATIONS.read_text("utf-8")))

    assert set(quoted(GOING_LIVE.read_text("utf-8"))) >= stripe
    assert len(stripe) == 12
    assert named <= {"PAYMENT_STATUS_CHANGED", "DEPOSIT_CALLBACK"}


def test_the_two_commands_of_the_readme_are_the_first_ones() -> None:
    fence = re.search(r"```bash\n(.*?)```", README.read_text("utf-8"), re.DOTALL)

    assert fence is not None
    assert [line.split("#")[0].strip() for line in fence.group(1).strip().splitlines()] == ["make run", "make test"]
    assert (ROOT / "docs/images/checkout.png").stat().st_size <= 150_000


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert list(documents.broken_links(page.read_text("utf-8"), page.parent)) == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_one_page_with_every_heading(page: Path) -> None:
    text = page.read_text("utf-8")

    assert len(text.splitlines()) <= 60
    assert re.match(rf"# {page.name[:4]} · .+\n\n\*\*Status:\*\* \w+.* · \*\*Date:\*\* \d{{4}}-\d\d-\d\d\n", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.search(r"^- Bad: ", text, re.MULTILINE)
    assert f"]({page.name})" in (page.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_what_enforces_a_decision_is_there(page: Path) -> None:
    paths = [each for each in quoted(page.read_text("utf-8").partition("## Enforced by")[2]) if "/" in each]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [page.name[:4] for page in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]


def test_nothing_names_a_registry_a_machine_or_how_it_was_made() -> None:
    hits = ((path, FORBIDDEN.search(text)) for path, text in texts(kept_files()))

    assert [f"{path.relative_to(ROOT)}: {hit.group()}" for path, hit in hits if hit] == []


@pytest.mark.parametrize(
    "text",
    [
        '"resolved": "https://registry.npm' + 'js.org/x"',
        "--index-url https://py" + "pi.org/simple",
        "File /ro" + "ot/shop/app.py",
        "see /ho" + "me/someone/shop",
        "written by Cla" + "ude",
        "an LL" + "M wrote this",
        "Part 2 o" + "f 4",
        "closes issue " + "#12",
    ],
)
def test_what_may_not_be_named_is_noticed(text: str) -> None:
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize(
    "text", ["User-Agent", "a session cookie", "open an API", "in part 2", "issued 12", "/workers"]
)
def test_what_only_looks_alike_may_be_named(text: str) -> None:
    assert not FORBIDDEN.search(text)
