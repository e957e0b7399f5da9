"""The checkout page: order summary and the provider's own form."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from webapp.domain.failures import NotPayable
from webapp.services import history
from webapp.services.checkout import Checkout, Start, find_unfinished, start
from webapp.services.views import ProductView
from webapp.web.presentation import current_locale
from webapp.web.visitor import login_needed, visitor_currency, visitor_id
from webapp.wiring import wiring

bp = Blueprint("checkout", __name__)

#: Where the session keeps the order on the screen: Toss names none when the buyer closes its window.
CURRENT_ORDER = "current_order"


@bp.get("/checkout/<product_id>")
@login_needed
def show(product_id: str) -> Response | str:
    """Take up the open order, or make one; a reload, a second tab and the back button meet the same one."""
    context, locale, user_id = wiring().context, current_locale(), visitor_id() or ""
    order_id = request.args.get("order")
    product = history.product(context, product_id, locale, visitor_currency(locale))
    if order_id is None and "again" not in request.args:
        unfinished = find_unfinished(context, user_id, product_id)
        if unfinished is not None:
            return _ask_first(product, unfinished, user_id)
    wish = Start(
        user_id=user_id,
        locale=locale,
        currency=product.price.currency if product.price else "KRW",
        origin="page",
        product_id=product_id,
        order_id=order_id,
    )
    try:
        begun = start(context, wish)
    except NotPayable:
        if order_id is None:
            raise
        return redirect(url_for("payments.show", order_id=order_id), code=303)
    session[CURRENT_ORDER] = begun.order_id
    return _page(product, begun, user_id)


def _ask_first(product: ProductView, order_id: str, user_id: str) -> str:
    order = history.order(wiring().context, order_id, user_id=user_id)
    return render_template(
        "checkout/show.html", product=product, order=order, unfinished=order, pane=None, retry_failure=None
    )


def _page(product: ProductView, begun: Checkout, user_id: str) -> str:
    context = wiring().context
    order = history.order(context, begun.order_id, user_id=user_id)
    g.csp_sources = context.provider(begun.provider).capabilities.sources
    return render_template(
        "checkout/show.html",
        product=product,
        order=order,
        unfinished=None,
        pane=begun.opened.pane,
        pane_template=begun.opened.pane.template,
        retry_failure=order.last_failure,
    )
