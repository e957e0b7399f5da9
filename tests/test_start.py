"""What a process of the site holds after its start on SQLite, in an interpreter of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SETTINGS
from tests.crash.served_shop import NO_KEYS
from webapp import create_app, keep_templates
from webapp.settings import load_settings, read_environment

#: Imported where they are used, and not before: docs/decisions/0030-imported-where-it-is-used.md.
LATE = frozenset(
    {
        "alembic", "email_validator", "flask_cors", "jwt", "psycopg", "pydantic_settings", "redis", "requests",
        "smtplib", "sqlalchemy.dialects.postgresql", "stripe", "urllib3", "webapp.api.openapi", "webapp.cli",
        "webapp.doctor", "webapp.jobs", "webapp.mail.outgoing", "webapp.providers.stripe.described",
        "webapp.providers.toss.described", "webapp.sandbox", "webapp.supabase.tokens",
    }
)  # fmt: skip

ASK = """
import json, sys
from sqlalchemy.orm import configure_mappers
from wsgi import app
for page in ("/healthz", "/login"):
    assert app.test_client().get(page).status_code == 200, page
from webapp.db.base import Base
configure_mappers()
keys = [key.column.name for table in Base.metadata.tables.values() for key in table.foreign_keys]
print(json.dumps({"modules": sorted(sys.modules), "keys": len(keys)}))
"""


def test_no_test_meets_what_a_shop_in_this_folder_is_set_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}=a-merchant-s\n" for name in SETTINGS))
    monkeypatch.setattr("webapp.settings.ROOT", tmp_path)

    assert len(SETTINGS) > 50
    assert {name: value for name, value in read_environment().items() if value == "a-merchant-s"} == {}


def test_the_site_starts_without_what_no_page_needs(tmp_path: Path) -> None:
    unset = dict.fromkeys((*NO_KEYS, "CORS_ORIGINS", "SUPABASE_URL", "REDIS_URL", "PUBLIC_URL"), "")
    env = {**os.environ, **unset, "APP_ENV": "development", "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}"}
    command = [sys.executable, "-c", ASK]
    asked = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert asked.returncode == 0, asked.stderr

    told = json.loads(asked.stdout)
    assert LATE & set(told["modules"]) == set()
    assert {"webapp.services.confirm", "sqlalchemy.dialects.sqlite"} <= set(told["modules"]), "it is the whole site"
    assert told["keys"] > 10, "what is loaded are whole tables: none refers to one that isn't there"


def test_compiled_templates_are_kept_where_there_is_a_place_for_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    place, no_place = tmp_path / "new" / "templates", tmp_path / "file"
    no_place.write_text("in the way")
    for folder in (place, no_place):
        app = create_app(load_settings({**NO_KEYS, "APP_ENV": "development", "DATABASE_URL": url}))
        keep_templates(app, folder)
        assert app.test_client().get("/login").status_code == 200

    kept = list(place.iterdir())
    assert len(kept) > 1
    assert {path.suffix for path in kept} == {".cache"}
    assert place.stat().st_mode & 0o077 == 0, "what is run again is nobody else's to write"
    assert no_place.read_text() == "in the way"
