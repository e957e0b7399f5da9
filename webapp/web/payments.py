"""What the buyer has bought: the history, and one payment with everything that happened to it."""

import unicodedata
from concurrent.futures import TimeoutError as NotYet

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp.domain.failures import NotPayable, PaymentNotFound
from webapp.services import history
from webapp.services.brought import brought
from webapp.services.closing import cancel as cancel_order
from webapp.services.closing import try_again
from webapp.services.context import Context
from webapp.services.history import Group
from webapp.services.kept_returns import is_return_kept
from webapp.services.look_up import find_unread, refresh
from webapp.web.htmx import page_or_partial
from webapp.web.patience import patiently
from webapp.web.visitor import login_needed, visitor_id
from webapp.web.way_links import other_ways
from webapp.wiring import wiring

bp = Blueprint("payments", __name__, url_prefix="/payments")

#: Where the session keeps what a return from the provider proved.
BROUGHT = "brought"

#: Seconds that a page waits for the provider's word on an open payment.
_READING_S = 3.0

#: Payments that a page of this process is asking about.
_being_read: set[str] = set()


@bp.get("")
@login_needed
def index() -> Response:
    """Newest first, a page at a time; of one group, and what was searched for, where the address says so."""
    group = next((known for known in Group if known == request.args.get("group")), None)
    search = _typed(request.args.get("q", ""))
    cursor = request.args.get("cursor", "")[:200] or None
    rows, onward = history.history(wiring().context, visitor_id() or "", cursor=cursor, group=group, search=search)

    def address(group: str | None = group, cursor: str | None = None) -> str:
        """This list with another group, or its next page."""
        return url_for("payments.index", group=group, q=search or None, cursor=cursor)

    return page_or_partial(
        "payments/index.html",
        "payments/_rows.html" if cursor else "payments/_list.html",
        rows=rows,
        next_url=address(cursor=onward) if onward else None,
        group=group,
        groups=list(Group),
        search=search,
        address=address,
    )


def _typed(text: str) -> str:
    """What somebody typed, as names are stored: composed letters (a Mac sends 한 in three), no edges."""
    return unicodedata.normalize("NFC", text).strip()[:100]


@bp.get("/<order_id>")
def show(order_id: str) -> Response:
    """One payment, for its owner.

    Who has just come back from paying it hears how it ended, in general words; any other stranger learns nothing but
    that one may log in.
    """
    user_id, context = visitor_id(), wiring().context
    if user_id is None:
        return _to_a_stranger(order_id) or page_or_partial(
            "payments/neutral.html", "payments/_neutral.html", next=url_for("payments.show", order_id=order_id)
        )
    try:
        order = history.order(context, order_id, user_id=user_id)
    except PaymentNotFound:
        if (page := _to_a_stranger(order_id)) is None:
            raise
        return page
    unsure = _why_unsure(context, order_id) if order.can_pay else ""
    if order.can_pay:
        order = history.order(context, order_id, user_id=user_id)
    ways = [] if unsure else other_ways(order)
    return page_or_partial(
        "payments/show.html", "payments/_status.html", order=order, unsure=unsure, ways=ways, now=context.now()
    )


def _why_unsure(context: Context, order_id: str) -> str:
    """Why "not paid" is not the last word: a return is `kept`, or the provider was not `read`; "" where it is."""
    if is_return_kept(context, order_id):
        return "kept"
    return "" if _is_read(order_id) else "unread"


def _to_a_stranger(order_id: str) -> Response | None:
    """Where the payment stands that this browser brought back, if it is this one."""
    seen = brought(wiring().context, order_id, session.get(BROUGHT, ""))
    return page_or_partial("payments/brought.html", "payments/_brought.html", order=seen) if seen else None


def say_already_paid() -> None:
    """Have the next page say that whoever pressed a button once more has not paid twice."""
    said = gettext("This order was paid already. Nothing was taken this time.")
    if said not in dict(session.get("_flashes", ())).values():  # a reload says it once
        flash(said)


@bp.get("/<order_id>/receipt")
@login_needed
def receipt(order_id: str) -> Response:
    """The shop's own receipt, for printing; an order that was never paid has none."""
    context = wiring().context
    order = history.order(context, order_id, user_id=visitor_id() or "")
    if not order.is_paid or order.confirmed_at is None:
        return redirect(url_for("payments.show", order_id=order_id), code=303)
    percent = wiring().settings.shop_tax_percent
    return make_response(
        render_template(
            "receipts/show.html",
            order=order,
            card=wiring().card_of(order.provider, order.evidence),
            tax=order.kept.tax_included(percent) if percent else None,
            percent=percent,
            now=context.now(),
        )
    )


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
        if history.order(context, order_id, user_id=user_id).is_paid:
            say_already_paid()
        return redirect(url_for("payments.show", order_id=order_id), code=303)
    return redirect(url_for("checkout.show", product_id=product_id, order=order_id), code=303)


@bp.post("/<order_id>/cancel")
@login_needed
def cancel(order_id: str) -> Response:
    """Give the order up; refused once money may be moving."""
    context, user_id = wiring().context, visitor_id() or ""
    patiently(lambda: cancel_order(context, user_id, order_id))
    return redirect(url_for("payments.show", order_id=order_id), code=303)
