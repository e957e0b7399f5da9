"""The design system keeps its word: contrast, no stray value, everything on the page that shows it."""

import re
from pathlib import Path

import pytest

from tests.conftest import migrate
from tests.shop_server import RunningShop
from tests.test_settings import PRODUCTION
from tests.tooling.house import ROOT, source_files
from webapp import create_app
from webapp.settings import load_settings
from webapp.web.contrast import EDGES, TEXTS, ratio, themes

MACROS = {
    name
    for path in (ROOT / "templates" / "macros").glob("*.html")
    for name in re.findall(r"macro ([a-z]\w*)\(", path.read_text("utf-8"))
}
#: How a provider's script reads one, to hand it on to the provider's form.
HANDED_ON = re.compile(r"""\btoken\("([\w-]+)"\)""")


@pytest.mark.parametrize("theme", ["light", "dark", "light more", "dark more"])
def test_whatever_is_written_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    wanted = 7 if "more" in theme else 4.5

    found = {f"{text} on {ground}": ratio(colours[text], colours[ground]) for text, ground in TEXTS}

    assert {pair: far for pair, far in found.items() if far < wanted} == {}


@pytest.mark.parametrize("theme", ["light", "dark", "light more", "dark more"])
def test_edges_and_the_focus_ring_can_be_seen(theme: str) -> None:
    colours = themes()[theme]

    found = {f"{edge} on {ground}": ratio(colours[edge], colours[ground]) for edge, ground in EDGES}

    assert {pair: far for pair, far in found.items() if far < 3} == {}


@pytest.mark.parametrize("one, other, far", [("#fff", "#000", 21), ("#777", "#fff", 4.47), ("#ffffff", "#FFF", 1)])
def test_contrast_is_what_wcag_says(one: str, other: str, far: float) -> None:
    assert ratio(one, other) == ratio(other, one) == far


def test_every_token_is_used_and_every_used_token_exists() -> None:
    sheets = [path for path in source_files(".css", ".html", ".js") if "emulator" not in path.parts]
    sheets = [path for path in sheets if "sandbox" not in path.parts and path.name != "design.css"]
    text = "\n".join(path.read_text("utf-8") for path in sheets)
    used = set(re.findall(r"var\(--([\w-]+)\)", text)) | set(HANDED_ON.findall(text))
    own = set(re.findall(r"--([\w-]+):", re.sub(r"var\([^)]*\)", "", text)))

    assert set(themes()["light"]) - used == set()
    assert {name for name in used if "{" not in name} - own == set()


def test_colours_and_time_come_from_tokens_alone() -> None:
    breaks = []
    for path in source_files(".css"):
        if "emulator" in path.parts or "sandbox" in path.parts or path.name in ("tokens.css", "print.css"):
            continue
        rules = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
        breaks += [f"{path.name}: {found}" for found in re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|\b\d+m?s\b", rules)]

    assert breaks == []


def test_the_page_shows_every_token_and_every_part(sqlite_shop: RunningShop) -> None:
    answer = sqlite_shop.browse(None).get("/design")

    assert answer.status_code == 200
    shown = set(re.findall(r'data-macro="([a-z_]+)"', answer.text))
    assert shown == MACROS
    assert {name for name in themes()["light"] if f'<span class="code">{name}</span>' not in answer.text} == set()
    samples = set(re.findall(r'class="(?:box )?(show-[\w-]+)"', answer.text))
    rules = set(re.findall(r"\.(show-[\w-]+)", (ROOT / "static/css/design.css").read_text("utf-8")))
    assert samples == rules


def test_production_does_not_have_it(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    migrate(database)
    app = create_app(load_settings({**PRODUCTION, "DATABASE_URL": database}))

    answer = app.test_client().get("/design", base_url=app.extensions["wiring"].settings.public_url)

    assert answer.status_code == 404
