"""The shop's web app. `create_app` assembles; nothing here decides anything."""

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

from flask import Flask, g, url_for
from jinja2 import ChoiceLoader, FileSystemBytecodeCache, FileSystemLoader, PrefixLoader, StrictUndefined

from webapp.api import auth as auth_api
from webapp.api import payments as payments_api
from webapp.api import reading as reading_api
from webapp.api.cors import init_cors
from webapp.commands import init_commands
from webapp.domain import trace
from webapp.domain.clock import Nature
from webapp.errors import init_errors
from webapp.logs import configure_logs
from webapp.refusals import init_refusals
from webapp.security import csrf, init_security
from webapp.settings import ROOT, Settings, load_settings
from webapp.web import (
    account,
    account_access,
    account_links,
    accounts,
    catalog,
    checkout,
    design,
    guide,
    health,
    landing,
    metrics,
    panes,
    payments,
    reference,
)
from webapp.web.presentation import current_locale, init_presentation
from webapp.web.unsent import init_unsent
from webapp.web.visitor import init_login
from webapp.webhooks import bp as webhooks
from webapp.wiring import Wiring, refuse_demo, wire

PAGES = (
    catalog.bp, checkout.bp, landing.bp, payments.bp, accounts.bp,
    account.bp, account_access.bp, account_links.bp, health.bp, metrics.bp, panes.bp,
    reference.bp,
)  # fmt: skip
CALLS = (payments_api.bp, reading_api.bp, auth_api.bp, webhooks)


def create_app(
    settings: Settings | None = None, *, nature: Nature | None = None, ca_bundle: str | None = None
) -> Flask:
    """The app, ready to serve. A test hands in time, randomness and trust."""
    settings = settings or load_settings()
    configure_logs(settings.log_level)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    wired = wire(settings, nature=nature, ca_bundle=ca_bundle)
    refuse_demo(wired)
    app.extensions["wiring"] = wired
    init_security(app, settings, wired.context.nature)
    init_login(app)
    init_presentation(app)
    _init_templates(app, wired)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for blueprint in CALLS:
        csrf.exempt(blueprint)  # no cookie is read there
        app.register_blueprint(blueprint)
    if not settings.is_production:
        app.register_blueprint(design.bp)
    if settings.sandbox:
        app.register_blueprint(guide.bp)
    init_cors(app, settings)
    init_errors(app)
    init_refusals(app)
    init_unsent(app)
    init_commands(app)
    return app


def keep_templates(app: Flask, folder: Path) -> None:
    """Keep compiled templates from one start to the next, so that the first visitor after it doesn't wait for that.

    A folder that can't be written is nothing to stop for: then they are compiled at each start.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


def _init_templates(app: Flask, wired: Wiring) -> None:
    panes = {name: FileSystemLoader(folder) for name, folder in wired.pane_folders().items()}
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), PrefixLoader(panes)])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    settings = wired.settings

    @cache
    def version(path: str) -> str:
        return hashlib.sha256((Path(app.static_folder or "") / path).read_bytes()).hexdigest()[:10]

    def asset(path: str) -> str:
        """A static file's address with its content's hash, so that it may be kept for ever."""
        return url_for("static", filename=path, v=version(path))

    @app.context_processor
    def everywhere() -> dict[str, object]:
        return {
            "shop_name": settings.shop_name,
            "business": settings.business,
            "locale": current_locale(),
            "sandbox": settings.sandbox,
            "sandbox_url": f"{settings.sandbox_origin}/sandbox",
            "csp_nonce": g.get("csp_nonce", ""),
            "request_id": trace.request_id.get() or "",
            "asset": asset,
        }
