"""The checkout page: order summary, the ways to pay, and the provider's own form."""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp.domain.failures import Failure, NotPayable, PaymentRefused, ProviderBusy, ProviderNotConfigured
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus
from webapp.rate_limits import caller_network
from webapp.services import history
from webapp.services.checkout import Checkout, Start, find_unfinished, start
from webapp.services.views import OrderView, ProductView
from webapp.web.patience import patiently
from webapp.web.payments import say_already_paid
from webapp.web.presentation import current_locale
from webapp.web.visitor import choose_currency, login_needed, visitor_currency, visitor_id
from webapp.web.way_links import WayLink, way_links
from webapp.wiring import wiring

bp = Blueprint("checkout", __name__)

#: Where the session keeps the order on the screen: Toss names none when the buyer closes its window.
CURRENT_ORDER = "current_order"

#: The provider can't be used just now: the page says so, and offers the other ways.
_UNAVAILABLE = (ProviderBusy, PaymentRefused, ProviderNotConfigured)


@bp.get("/checkout/<product_id>")
@login_needed
def show(product_id: str) -> BaseResponse | str:
    """Take up the open order, or make one; a reload, a second tab and the back button meet the same one.

    `currency` and `provider` choose a way to pay; `order` takes up that order, `again` makes another one.
    """
    if is_only_looking():
        return Response(status=204)
    choose_currency(request.args.get("currency", ""))
    context, locale, user_id = wiring().context, current_locale(), visitor_id() or ""
    order_id = request.args.get("order")
    if order_id is None:
        product = history.product(context, product_id, locale, visitor_currency(locale))
    else:
        product = history.ordered_product(context, user_id, order_id, locale, visitor_currency(locale))
    asked_by_name = order_id is not None or "again" in request.args
    earlier = None if asked_by_name else _earlier(product, user_id)
    on_screen = None if asked_by_name else session.get(CURRENT_ORDER)
    if earlier is not None and (earlier.order_id == on_screen or _is_under_way(earlier)):
        return _bought(product, earlier)
    wish = Start(
        user_id=user_id,
        locale=locale,
        currency=product.price.currency if product.price else "KRW",
        origin="page",
        product_id=product.id,
        order_id=order_id,
        provider=_wanted_provider(),
        unless_bought=on_screen,
        network=caller_network(),
    )
    try:
        begun = patiently(lambda: start(context, wish))
    except NotPayable:
        if order_id is not None:
            if history.order(context, order_id, user_id=user_id).is_paid:
                say_already_paid()
            return redirect(url_for("payments.show", order_id=order_id), code=303)
        # It was paid a moment ago, and this very visit found out.
        bought = _earlier(product, user_id)
        if bought is None:
            raise
        return _bought(product, bought)
    except _UNAVAILABLE as failure:
        return _unavailable(product, wish, failure)
    session[CURRENT_ORDER] = begun.order_id
    if order_id is None:
        # What she is about to pay is her choice from here on: another language must not replace the order.
        choose_currency(begun.amount.currency)
    return _page(product, begun, user_id, earlier)


def is_only_looking() -> bool:
    """A robot or a browser fetching ahead: neither may order or take money."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "HEAD" or "prefetch" in purpose


def _wanted_provider() -> str | None:
    """The provider that the address names, if the shop has it; any other word is no wish."""
    wanted = request.args.get("provider", "")
    return wanted if wanted in wiring().context.providers else None


def _earlier(product: ProductView, user_id: str) -> OrderView | None:
    """The order for the same thing that was just paid or is under way, here, in another browser or by a program."""
    context = wiring().context
    order_id = find_unfinished(context, user_id, product.id)
    return history.order(context, order_id, user_id=user_id) if order_id else None


def _is_under_way(order: OrderView) -> bool:
    """Whether nobody knows yet if the money arrives: wherever she is, she is offered no form to pay for it twice."""
    return order.is_checking or order.status is PaymentStatus.PROCESSING


def _bought(product: ProductView, order: OrderView) -> str:
    """This order for it, which was just paid or is under way, instead of a way to pay again."""
    session[CURRENT_ORDER] = order.order_id
    return render_template(
        "checkout/show.html",
        product=product,
        order=order,
        unfinished=order,
        earlier=None,
        pane=None,
        retry_failure=None,
    )


def _page(product: ProductView, begun: Checkout, user_id: str, earlier: OrderView | None) -> str:
    """`earlier`: shown above the form."""
    context = wiring().context
    order = history.order(context, begun.order_id, user_id=user_id)
    g.csp_sources = context.provider(begun.provider).capabilities.sources
    return render_template(
        "checkout/show.html",
        product=product,
        order=order,
        unfinished=None,
        earlier=earlier,
        pane=begun.opened.pane,
        pane_template=begun.opened.pane.template,
        ways=_ways(product, begun.amount, begun.provider, request.args.get("order")),
        # What the other payment service refused says nothing about this one.
        retry_failure=order.last_failure if order.failed_at in (None, begun.provider) else None,
    )


def _unavailable(product: ProductView, wish: Start, failure: Failure) -> BaseResponse:
    """No form, but the reason, another try, and every other way to pay; the order is kept.

    One that is taken up again costs what it did, whatever the same thing costs now.
    """
    amount = product.price
    if wish.order_id is not None:
        amount = history.order(wiring().context, wish.order_id, user_id=wish.user_id).amount
    page = render_template(
        "checkout/unavailable.html",
        product=product,
        amount=amount,
        failure=failure,
        ways=_ways(product, amount, wish.provider, wish.order_id) if amount else [],
        again=request.full_path.rstrip("?"),
    )
    answer = make_response(page, int(failure.status))
    if failure.retry_after is not None:
        answer.headers["Retry-After"] = str(failure.retry_after)
    return answer


def _ways(product: ProductView, amount: Money, provider: str | None, order_id: str | None) -> list[WayLink]:
    """`amount` is what is paid in the way that was chosen: the order's, where one was taken up by its id."""
    return way_links(
        product.id,
        amount.currency,
        provider,
        order_id,
        again="again" in request.args,
        only=product.open_amount,
        ordered=amount if order_id else None,
    )
