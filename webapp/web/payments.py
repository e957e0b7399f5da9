"""What the buyer has bought: the history, and one payment with everything that happened to it."""

from concurrent.futures import TimeoutError as NotYet

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.domain.failures import NotPayable
from webapp.services import history
from webapp.services.closing import cancel as cancel_order
from webapp.services.closing import try_again
from webapp.services.look_up import find_unread, refresh
from webapp.web.htmx import page_or_partial
from webapp.web.patience import patiently
from webapp.web.visitor import login_needed, visitor_id
from webapp.wiring import wiring

bp = Blueprint("payments", __name__, url_prefix="/payments")

#: Seconds that a page waits for the provider's word on an open payment.
_READING_S = 3.0

#: Payments that a page of this process is asking about.
_being_read: set[str] = set()


@bp.get("")
@login_needed
def index() -> Response:
    """Newest first, a page at a time."""
    rows, cursor = history.history(
        wiring().context, visitor_id() or "", cursor=request.args.get("cursor", "")[:200] or None
    )
    next_url = url_for("payments.index", cursor=cursor) if cursor else None
    return page_or_partial("payments/index.html", "payments/_rows.html", rows=rows, next_url=next_url)


@bp.get("/<order_id>")
def show(order_id: str) -> Response:
    """One payment, for its owner; a stranger learns nothing but that one may log in."""
    user_id = visitor_id()
    if user_id is None:
        here = url_for("payments.show", order_id=order_id)
        return page_or_partial("payments/neutral.html", "payments/_neutral.html", next=here)
    context = wiring().context
    order = history.order(context, order_id, user_id=user_id)
    unsure = order.can_pay and not _is_read(order_id)
    if order.can_pay:
        order = history.order(context, order_id, user_id=user_id)
    return page_or_partial("payments/show.html", "payments/_status.html", order=order, unsure=unsure)


def _is_read(order_id: str) -> bool:
    """Whether "not paid" is known now: a browser may have paid at the provider without coming back."""
    wired = wiring()
    payment_id = find_unread(wired.context, order_id)
    if payment_id is None:
        return True
    if payment_id in _being_read or not wired.http.has_room:
        return False  # whoever reloads a page while the provider hangs adds nothing to the crowd
    _being_read.add(payment_id)
    reading: list[bool] = []

    def read() -> None:
        try:
            reading.append(refresh(wired.context, payment_id))
        finally:
            _being_read.discard(payment_id)

    asked = wired.background.start(read)
    try:
        asked.result(timeout=min(_READING_S, wired.settings.landing_wait_s))
    except NotYet:
        if asked.cancel():  # still in the queue: nobody waits for it any more
            _being_read.discard(payment_id)
    return reading == [True]


@bp.post("/<order_id>/tries")
@login_needed
def retry(order_id: str) -> Response:
    """Begin another try; its id at the provider is a new one."""
    context, user_id, fresh = wiring().context, visitor_id() or "", "fresh" in request.form
    try:
        product_id = patiently(lambda: try_again(context, user_id, order_id, fresh=fresh))
    except NotPayable:
        return redirect(url_for("payments.show", order_id=order_id), code=303)
    return redirect(url_for("checkout.show", product_id=product_id, order=order_id), code=303)


@bp.post("/<order_id>/cancel")
@login_needed
def cancel(order_id: str) -> Response:
    """Give the order up; refused once money may be moving."""
    context, user_id = wiring().context, visitor_id() or ""
    patiently(lambda: cancel_order(context, user_id, order_id))
    return redirect(url_for("payments.show", order_id=order_id), code=303)
