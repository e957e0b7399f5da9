"""`/sandbox/guide`: the setup guide's browser snippets as printed, running against the sandbox. Development only."""

from flask import Blueprint, g, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.services.accounts import make_token
from webapp.web.visitor import login_needed
from webapp.wiring import wiring

bp = Blueprint("guide", __name__, url_prefix="/sandbox")


@bp.get("")
def panel() -> Response:
    """The sandbox's own page is at the sandbox's own address."""
    from flask import redirect

    return redirect(f"{wiring().settings.sandbox_origin}/sandbox", code=303)


@bp.get("/guide")
@login_needed
def snippets() -> str:
    """Supplies only what the snippets leave undefined: `clientKey` and `accessToken`."""
    context = wiring().context
    provider = context.provider("toss")
    token, _ends = make_token(context, current_user.email)
    g.csp_sources = provider.capabilities.sources
    return render_template("guide/index.html", access_token=token)
