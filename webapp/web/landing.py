"""Where the provider sends the buyer back to. Safe to open again, in a second tab, or never."""

from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp.domain.arrivals import Return
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import AmountMismatch, KeyInUse, Malformed, NotPayable, PaymentNotFound, ProviderBusy
from webapp.domain.reasons import Reason
from webapp.domain.states import PAID
from webapp.rate_limits import spend
from webapp.security import csrf
from webapp.services import history
from webapp.services.brought import ticket_of
from webapp.services.confirm import Claim, ask_about, find_order_of, keep_for_later, needs_call, take_return
from webapp.services.views import OrderView
from webapp.web.checkout import CURRENT_ORDER, is_only_looking
from webapp.web.payments import BROUGHT, say_already_paid
from webapp.web.visitor import visitor_id
from webapp.web.way_links import other_ways
from webapp.wiring import wiring

bp = Blueprint("landing", __name__)

#: Characters of a query; the longest genuine one is half of it.
_MAX_QUERY = 2048

#: Failure → (what the page says, its status).
_REFUSALS: dict[type[Exception], tuple[str, int]] = {
    AmountMismatch: ("amount", 409),
    KeyInUse: ("key", 409),
    NotPayable: ("closed", 409),
    PaymentNotFound: ("unknown", 404),
    Malformed: ("malformed", 400),
}


@bp.get("/payment/success")
def success() -> BaseResponse:
    """Claim the payment, ask the provider, wait a little, and show where it stands at a clean address."""
    if is_only_looking():
        return Response(status=204)
    wired, named, unasked = wiring(), "", False
    try:
        provider, arrival = wired.read_return(request.args.to_dict(flat=False))
        named, unasked = arrival.order_ref, wired.context.provider(provider).capabilities.confirm_charges
        if not wired.can_call(provider) and needs_call(wired.context, provider, arrival):
            keep_for_later(wired.context, provider, arrival, by=visitor_id())
            return _later(may_be_paid=not unasked)
        claim = _take(provider, arrival)
    except ProviderBusy:
        return _later(may_be_paid=not unasked)
    except tuple(_REFUSALS) as failure:
        if not isinstance(failure, NotPayable):
            spend("returns")  # after it was taken in earnest: what is genuine never gets here
        return _refused(failure, named, unasked=unasked)
    _remember(claim, arrival)
    if claim.won or claim.doubtful:
        confirm = wired.background.start(lambda: ask_about(wired.context, claim))
        # Slower than this, it goes on without us; the payment's page says "checking" and asks again.
        with suppress(NotYet):
            confirm.result(timeout=wired.settings.landing_wait_s)
    failpoint("confirm.before_response")
    return redirect(url_for("payments.show", order_id=claim.order_id), code=303)


def _take(provider: str, arrival: Return) -> Claim:
    """Take it; who brings it is asked only where strangers have filled the places in which it could wait."""
    context = wiring().context
    try:
        return take_return(context, provider, arrival)
    except ProviderBusy:
        user_id = visitor_id()
        if user_id is None:
            raise
        return take_return(context, provider, arrival, by=user_id)


@bp.post("/payment/success")
def success_by_form() -> BaseResponse:
    """A form of another site, which comes without our cookies: lead to the same address by GET, where they come along.

    Neither takes money nor looks at a session.
    """
    brought = urlencode([*request.args.items(multi=True), *request.form.items(multi=True)])
    if request.files or len(brought) > _MAX_QUERY:
        return _refused(Malformed(), "", unasked=False)
    return redirect(f"{url_for('landing.success')}?{brought}", code=303)


csrf.exempt(success_by_form)


def _remember(claim: Claim, arrival: Return) -> None:
    """Keep what this browser proved, should it not be logged in; and tell one that came late what its press did."""
    if ticket := ticket_of(claim, arrival.provider_ref):
        session[BROUGHT] = ticket
    # Another reference than the one that was paid with, or a form that Stripe had already seen paid: nothing moved.
    if claim.status in PAID and (not claim.same_key or "again" in request.args):
        say_already_paid()


@bp.get("/payment/fail")
def fail() -> str:
    """Say in our own words what the provider's code means. Not evidence: nothing changes here."""
    wired = wiring()
    code = request.args.get("code", "")[:80]
    order_id = request.args.get("orderId", "")[:64]
    order = _own(order_id) or _own(session.get(CURRENT_ORDER, ""))
    provider = order.provider if order and order.provider else next(iter(wired.context.providers), "")
    reason = wired.fail_reason(provider, code) if code else Reason.UNKNOWN
    ways = other_ways(order) if order else []
    return render_template("landing/fail.html", reason=reason, order=order, ways=ways)


def _later(*, may_be_paid: bool) -> BaseResponse:
    """What the buyer brought can't be taken now: try again with her."""
    answer = make_response(render_template("landing/busy.html", may_be_paid=may_be_paid), 503)
    answer.headers["Retry-After"] = "3"
    return answer


def _refused(failure: Exception, named: str, *, unasked: bool) -> BaseResponse:
    """`named` is the order id of a return that could be read; of another, what the address may call so.

    `unasked`: nothing is taken there without a call of ours, and none was made.
    """
    reason, status = _REFUSALS[type(failure)]
    named = named or request.args.get("orderId") or request.args.get("order") or ""
    order_id = find_order_of(wiring().context, named[:64])
    order = _own(order_id) if order_id else None
    return make_response(render_template("landing/refused.html", reason=reason, order=order, unasked=unasked), status)


def _own(order_id: str) -> OrderView | None:
    user_id = visitor_id()
    if not user_id or not order_id:
        return None
    with suppress(PaymentNotFound):
        return history.order(wiring().context, order_id, user_id=user_id)
    return None
