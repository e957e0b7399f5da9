"""`/sandbox/guide`: the setup guide's browser snippets, byte for byte, against the sandbox. Development only.

They are cut out of `docs/level-7-setup-guide.md` as they stand there; the page supplies only what they leave
undefined. With `FRONTEND_URL` set to this address, the buyer comes back to the guide's own success page.
"""

import re
from functools import cache
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.domain.failures import NotFound, PaymentNotFound
from webapp.services import history
from webapp.services.access_tokens import make_token
from webapp.web.presentation import current_locale
from webapp.web.visitor import login_needed
from webapp.wiring import wiring

bp = Blueprint("guide", __name__, url_prefix="/sandbox")

#: What the guide prints for the browser, in its order.
SECTIONS = ("1.5", "1.6", "2.5")
#: Run on the page that the provider sends the buyer back to, not by hand.
_ON_RETURN = "1.6"
#: Takes a card field for granted, so it waits until the buyer has filled one in.
_AFTER_CARD = "2.5"

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "level-7-setup-guide.md"


@cache
def snippet(section: str) -> str:
    """The JavaScript of one section of the guide, for example `1.5`.

    Raises:
        KeyError: the section has none.
    """
    found = re.search(
        rf"^### {re.escape(section)} .*?^```javascript\n(.*?)^```", _DOCUMENT.read_text("utf-8"), re.M | re.S
    )
    if found is None or "\n### " in found.group(0):
        raise KeyError(section)
    return found.group(1)


@bp.get("")
def panel() -> Response:
    """The sandbox's own page is at the sandbox's own address."""
    return redirect(f"{wiring().settings.sandbox_origin}/sandbox", code=303)


@bp.get("/guide")
@login_needed
def index() -> str:
    """What the guide's front end is given, and where to try each snippet."""
    configs = wiring().settings.providers.values()
    sections = [section for section in SECTIONS if any(config.guide(section) for config in configs)]
    return render_template("guide/index.html", sections=sections, snippet=snippet, on_return=_ON_RETURN)


@bp.get("/guide/<section>")
@login_needed
def run(section: str) -> str:
    """Run one snippet, as a page of the merchant's own would: at once, or when its card field is filled in."""
    token, _ends = make_token(wiring().context, current_user.email, "Setup guide")
    return _page(section, {"accessToken": token})


@bp.get("/guide/payment/success")
def success() -> str:
    """The guide's success page: snippet 1.6 confirms what the provider put into this address."""
    return _page(_ON_RETURN, {})


@bp.get("/guide/payment/fail")
def fail() -> Response:
    return redirect(url_for("guide.index"), code=303)


@bp.get("/readings/<order_id>")
def reading(order_id: str) -> str:
    """What the demo sells: a stand-in for the page of the shop's own that `delivery_url` leads to.

    Like such a page it asks for nothing but the link.

    Raises:
        PaymentNotFound: no such order, or not paid.
    """
    order = history.order(wiring().context, order_id, user_id=None)
    if order.delivery_url is None:
        raise PaymentNotFound
    product = history.product(wiring().context, order.product_id, current_locale(), order.amount.currency)
    return render_template("guide/reading.html", order=order, product=product)


def _page(section: str, values: dict[str, str]) -> str:
    wired = wiring()
    for name, config in wired.settings.providers.items():
        given = config.guide(section)
        if given is not None:
            script, names = given
            g.csp_sources = wired.context.provider(name).capabilities.sources
            page = "guide/card.html" if section == _AFTER_CARD else "guide/run.html"
            code = snippet(section)
            return render_template(page, section=section, script=script, code=code, values={**names, **values})
    raise NotFound
