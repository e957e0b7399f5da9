"""Everything that shows the security baseline, in one run: `make security`. Exits non-zero when something is wrong.

The tests are those that `docs/security-baseline.md` names. What can't be looked at from here is said, not passed over.
"""

import json
import subprocess
import sys
from collections.abc import Callable

from tests.tooling.documents import kept_files, quoted, table
from tests.tooling.house import ROOT

DOCUMENT = ROOT / "docs" / "security-baseline.md"
RESULTS = ROOT / "test-results"

#: detect-secrets: these tell a long word from a secret by its looks alone, and our texts are full of long words.
_GUESSING = ("KeywordDetector", "HexHighEntropyString", "Base64HighEntropyString", "BasicAuthDetector")


def named_tests(text: str) -> list[str]:
    """The test files of the first table, each once."""
    return sorted({path for row in table(text, "## Controls") for path in quoted(row[2])})


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


def bandit() -> str | None:
    done = _run("bandit", "-q", "-r", "webapp", "wsgi.py", "-ll")
    return done.stdout if done.returncode else None


def secrets() -> str | None:
    plugins = [argument for name in _GUESSING for argument in ("--disable-plugin", name)]
    files = [path.relative_to(ROOT).as_posix() for path in kept_files() if not path.name.startswith("requirements")]
    done = _run("detect_secrets", "scan", *plugins, *files)
    if done.returncode:
        return done.stderr
    found = json.loads(done.stdout)["results"]
    lines = [f"{name}:{hit['line_number']} {hit['type']}" for name, hits in found.items() for hit in hits]
    return "\n".join(lines) or None


def audit() -> str | None:
    done = _run(
        "pip_audit", "-r", "requirements.txt", "--require-hashes", "--disable-pip", "--progress-spinner", "off",
        "--format", "json", "--timeout", "15",
    )  # fmt: skip
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print("  not looked at: no advisory source is within reach")
        return None
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    if unknown:
        print(f"  not looked at: {len(unknown)} of {len(dependencies)}, of which no advisory source is within reach")
    weak = [f"{d['name']} {d['version']}: {v['id']}" for d in dependencies for v in d.get("vulns", ())]
    return "\n".join(weak) or None


def materials() -> str | None:
    RESULTS.mkdir(exist_ok=True)
    done = _run("cyclonedx_py", "environment", "--of", "JSON", "-o", str(RESULTS / "sbom.json"), sys.prefix)
    return done.stderr if done.returncode else None


def tests() -> str | None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *named_tests(DOCUMENT.read_text("utf-8"))], cwd=ROOT, check=False
    )
    return "see above" if done.returncode else None


STEPS: dict[str, Callable[[], str | None]] = {
    "bandit": bandit,
    "detect-secrets": secrets,
    "pip-audit": audit,
    "cyclonedx-py": materials,
    "tests": tests,
}


def main(wanted: list[str]) -> int:
    """Run all steps, or those that are named; the exit status."""
    wrong = 0
    for name, step in STEPS.items():
        if wanted and name not in wanted:
            continue
        print(name, flush=True)
        said = step()
        if said is not None:
            wrong += 1
            print(said)
    print(f"{wrong} of {len(wanted or STEPS)} found something" if wrong else "nothing found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
