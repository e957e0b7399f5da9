"""The guide's payment calls: create and confirm."""

from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.api.access import need_json, need_user
from webapp.api.once import once
from webapp.domain.arrivals import Return
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import AmountMismatch, KeyInUse, PaymentNotFound, PaymentRefused, ProviderBusy
from webapp.domain.states import PaymentStatus
from webapp.rate_limits import caller_network, spend
from webapp.services.accounts import DEFAULT_LOCALE, Account
from webapp.services.checkout import Start, start
from webapp.services.confirm import ask_about, find_order_of, needs_call, take_return
from webapp.services.record import PaymentRecord, record_of
from webapp.wiring import wiring

bp = Blueprint("payments_api", __name__)

S = PaymentStatus

#: What a confirm may end in besides success.
_REFUSED = frozenset({S.PENDING, S.FAILED, S.EXPIRED, S.CANCELED})


@bp.post("/payment/<provider_name>/create")
def create(provider_name: str) -> ResponseReturnValue:
    """Make an order for a product, named by its id or by its name and price; or for a sum of the caller's own."""
    user = need_user("pay")
    spend("creates", account=user.id)
    body = need_json()
    return once(user.id, body, lambda: (_create(provider_name, user, body), 200))


def _create(provider_name: str, user: Account, body: dict[str, object]) -> Response:
    wired = wiring()
    wanted = wired.folder(provider_name).calls.read_create(body)
    wish = Start(
        user_id=user.id,
        locale=user.locale or DEFAULT_LOCALE,
        currency=wanted.currency,
        origin="api",
        product_id=wanted.product_id,
        name=wanted.name,
        minor=wanted.amount_minor,
        provider=provider_name,
        network=caller_network(),
    )
    opens_here = wired.context.provider(provider_name).capabilities.confirm_charges
    if not opens_here and not wired.http.has_room:
        raise ProviderBusy  # before anything is written: a provider that hangs makes no orders that nobody can pay
    begun = start(wired.context, wish)
    return jsonify(
        success=True,
        orderId=begun.order_id,
        paymentId=begun.payment_id,
        amount=begun.amount.minor,
        currency=begun.amount.currency,
        **begun.opened.client,
    )


@bp.post("/payment/<provider_name>/confirm")
def confirm(provider_name: str) -> ResponseReturnValue:
    """Confirm what the buyer brought back; needs no token: order, amount and the provider's answer are the proof."""
    body = need_json()
    arrival = wiring().folder(provider_name).calls.read_confirm(body)
    try:
        return once(_owner_of_key(arrival), body, lambda: _confirm(provider_name, arrival))
    except (PaymentNotFound, AmountMismatch, KeyInUse):
        spend("returns")  # after it was taken in earnest: what is genuine never gets here
        raise


def _owner_of_key(arrival: Return) -> str:
    """An `Idempotency-Key` of a confirm belongs to its order: a stranger who knows none can store nothing here.

    Raises:
        PaymentNotFound: no such order.
    """
    if "Idempotency-Key" not in request.headers:
        return ""
    order_id = find_order_of(wiring().context, arrival.order_ref)
    if order_id is None:
        raise PaymentNotFound
    return order_id


def _confirm(provider_name: str, arrival: Return) -> tuple[Response, int]:
    wired = wiring()
    folder = wired.folder(provider_name)
    if not wired.can_call(provider_name) and needs_call(wired.context, provider_name, arrival):
        raise ProviderBusy
    claim = take_return(wired.context, provider_name, arrival)
    if claim.waits:
        # Its word is the order's, whatever has come of the other key since; the other's evidence is none of hers.
        record = replace(record_of(wired.context, claim.payment_id), status=S.CONFIRMING, evidence=None)
        return _answer(record, folder.EVIDENCE_NAME)
    if claim.blocked:
        raise ProviderBusy("the payment key is being checked for another order")
    if not claim.same_key:
        raise KeyInUse("this order was paid with another payment key")
    if not claim.fits:
        raise AmountMismatch(AmountMismatch.CHANGED)
    if claim.won or claim.doubtful:
        call = wired.background.start(lambda: ask_about(wired.context, claim))
        with suppress(NotYet):
            call.result(timeout=wired.settings.landing_wait_s)
    failpoint("confirm.before_response")
    return _answer(record_of(wired.context, claim.payment_id), folder.EVIDENCE_NAME)


def _answer(record: PaymentRecord, evidence_name: str) -> tuple[Response, int]:
    if record.status in _REFUSED:
        raise PaymentRefused(f"the payment was not taken: {record.last_failure or 'unknown'}")
    if record.status is S.MISMATCH:
        raise AmountMismatch("the provider took something else than was ordered")
    evidence = {evidence_name: record.evidence or {}}
    return jsonify(success=True, payment=record.as_json(), **evidence), 202 if record.status is S.CONFIRMING else 200
