"""What the source may not hold: TLS unchecked, SQL put together from texts, a second way to read JSON, secrets."""

import re

import pytest

from tests.tooling.documents import kept_files
from tests.tooling.house import ROOT, source_files

#: Rule → (what may not stand there, the files that may, and why they may).
RULES: dict[str, tuple[re.Pattern[str], set[str]]] = {
    "TLS is checked": (re.compile(r"verify\s*=\s*False|CERT_NONE|_create_unverified"), set()),
    # One reads our own enumeration, the other our own constants.
    "SQL is bound": (
        re.compile(r"\b(?:text|execute|exec_driver_sql)\(\s*f[\"']"),
        {"webapp/db/payments.py", "webapp/db/sessions.py"},
    ),
    "JSON is read strictly": (
        re.compile(r"json\.loads?\(|\.get_json\(|request\.json\b"),
        {"webapp/domain/strict_json.py"},
    ),
    "nothing is run or unpacked": (re.compile(r"\b(?:eval|exec)\(|pickle|yaml\.load\(|marshal|shell=True"), set()),
    # The guide's own snippets, in development: files of ours.
    "nothing is marked safe": (
        re.compile(r"\bMarkup\(f|\|\s*safe\b"),
        {"templates/guide/card.html", "templates/guide/run.html"},
    ),
    # The database looks a hash up; nobody can time a guess at what it was made from.
    "secrets are compared in constant time": (
        re.compile(r"(?:secret|signature|token|digest)\w* == (?!None|0|\")"),
        {"webapp/db/access_tokens.py"},
    ),
}

# Put together from pieces, so that this file doesn't hold what it looks for.
KEYS = re.compile(
    "|".join(
        [
            r"(?:live_(?:g?sk|g?ck)|(?:sk|rk|pk)_liv" + r"e)_[A-Za-z0-9]{20,}",
            r"whse" + r"c_[A-Za-z0-9+/]{32,}",
            "-----BEGIN (?:RSA |EC )?PRIV" + "ATE KEY",
            r"AKI" + r"A[0-9A-Z]{16}",
            r"gh[pousr]" + r"_[A-Za-z0-9]{36}",
            r"eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
        ]
    )
)


def hits(rule: str) -> list[str]:
    pattern, allowed = RULES[rule]
    played = ("webapp/sandbox/", "webapp/devserver.py")
    found = []
    for path in source_files(".py", ".html"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("webapp/", "templates/")) or name.startswith(played) or "/emulator/" in name:
            continue
        if name not in allowed:
            found += [f"{name}: {line.strip()}" for line in path.read_text().splitlines() if pattern.search(line)]
    return found


@pytest.mark.parametrize("rule", RULES)
def test_the_source_keeps_the_rule(rule: str) -> None:
    assert hits(rule) == []


@pytest.mark.parametrize(
    "rule, line",
    [
        ("TLS is checked", "requests.get(url, verify=False)"),
        ("SQL is bound", 'session.execute(f"SELECT {x}")'),
        ("JSON is read strictly", "body = request.get_json()"),
        ("nothing is run or unpacked", "subprocess.run(x, shell=True)"),
        ("nothing is marked safe", "{{ name | safe }}"),
        ("secrets are compared in constant time", "if signature == expected:"),
    ],
)
def test_a_line_that_breaks_a_rule_is_noticed(rule: str, line: str) -> None:
    assert RULES[rule][0].search(line)


def test_no_key_lies_in_the_repository() -> None:
    found = []
    for path in kept_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit.group()[:12]}…" for hit in KEYS.finditer(text)]

    assert found == []


def test_a_key_is_noticed() -> None:
    assert KEYS.search("sk_liv" + "e_" + "a1B2" * 6)
    assert KEYS.search("-----BEGIN PRIV" + "ATE KEY-----")


@pytest.mark.parametrize("lock", ["requirements.txt", "tests/requirements.txt"])
def test_every_dependency_is_pinned_with_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())

    assert len(entries) > 20
    loose = [e for e in entries if not re.match(r"[\w.\[\]-]+==\S+", e) or "--hash=sha256:" not in e]
    assert [e.splitlines()[0] for e in loose if not e.startswith("#")] == []
