"""Start a payment: one order, one open attempt, the same ones again on a reload."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.db.base import add_row
from webapp.db.catalog import find_product
from webapp.db.orders import Order, find_open_page_order, find_unfinished_order, lock_order
from webapp.db.payments import Payment, find_deciding_payment, next_attempt_no
from webapp.db.users import get_customer
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import NotPayable, ProductNotFound, ProviderBusy, ProviderNotConfigured
from webapp.domain.identifiers import attempt_order_id, new_order_id
from webapp.domain.money import Money
from webapp.domain.states import LEAVES_PAYABLE, OPEN, PaymentStatus
from webapp.providers.port import Attempt, Opened, Provider
from webapp.services.books import NONE, Cause, audit
from webapp.services.closing import Outdated, close_attempt, own_order
from webapp.services.context import Context
from webapp.services.open_amounts import Meant, find_meant
from webapp.services.opening import first_check, intend_to_open, open_attempt
from webapp.services.pauses import refuse_hoard, refuse_paused
from webapp.services.schedule import is_watched
from webapp.services.settle import close, close_order

#: A purchase is "just now" for this long; after it, another visit means another purchase.
_JUST_NOW_S = 1800

#: Two tabs may take the order from each other; whoever loses so often is asked to come back.
_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What somebody wants to pay for: a product by its id, or by name and sum; `order_id` takes up that order again."""

    user_id: str
    locale: str
    currency: str
    origin: str
    product_id: str | None = None
    name: str | None = None
    #: In minor units.
    minor: int | None = None
    order_id: str | None = None
    #: None: whichever takes the currency.
    provider: str | None = None
    #: The order on this browser's screen: not where that was paid just now, or is being paid. A second one is asked for
    #: by name.
    unless_bought: str | None = None
    #: Where the caller is, hidden: `orders.network`.
    network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """An open attempt, ready for the browser."""

    order_id: str
    payment_id: str
    provider: str
    amount: Money
    opened: Opened


def find_unfinished(context: Context, user_id: str, product_id: str) -> str | None:
    """The order for this product that was paid just now, or whose money is on its way, if any.

    The buyer is told of it before she is asked to pay once more (decision 0032): the back button must not sell twice.
    Not where she has begun a newer order since: "paid" would be about another one than she is paying.
    """
    with context.sessions.read() as session:
        order = _find_unfinished(session, context, user_id, product_id)
        begun = find_open_page_order(session, user_id, product_id)
        if order is None or (begun is not None and begun.created_at > order.created_at):
            return None
        return order.public_id


def _find_unfinished(session: Session, context: Context, user_id: str, product_id: str) -> Order | None:
    since = context.now() - timedelta(seconds=_JUST_NOW_S)
    return find_unfinished_order(session, user_id, product_id, OPEN, since)


def start(context: Context, wish: Start) -> Checkout:
    """Find or make the order and its open attempt, then prepare the provider for the browser.

    What stands in the way and could still be paid (another provider's attempt, another currency's or price's order)
    is closed at its provider first.

    Raises:
        ProductNotFound: not for sale, or not in this currency. ProviderNotConfigured: nobody takes it.
        PriceMismatch: the name and the sum are no product's, nor may the caller name a sum.
        PaymentNotFound: `order_id` is missing or somebody else's. NotPayable: it is paid, or being paid.
        PaymentsPaused: after too many declined tries. TooManyRequests: she has many unpaid orders, and paid none.
        ProviderBusy, PaymentRefused: the provider didn't answer, or takes no such payment.
    """
    for _ in range(_TRIES):
        try:
            order_id, attempt, provider, key = _begin(context, wish)
            opened = open_attempt(context, attempt, provider, key)
        except Outdated as stands_in_the_way:
            payment_id = stands_in_the_way.payment_id
            if close_attempt(context, payment_id, cause=Cause.NEW_TRY) not in LEAVES_PAYABLE:
                raise NotPayable from stands_in_the_way
        else:
            return Checkout(
                order_id=order_id,
                payment_id=attempt.payment_id,
                provider=provider,
                amount=attempt.amount,
                opened=opened,
            )
    raise ProviderBusy


def _begin(context: Context, wish: Start) -> tuple[str, Attempt, str, str]:
    """Commit order, attempt and the intent to open it: the order's public id, the attempt, its provider and key."""
    for last in (False, True):
        try:
            with context.sessions.write() as session:
                failpoint("create.begun")
                order, new = _order(session, context, wish)
                if order.status is not PaymentStatus.PENDING:
                    raise NotPayable
                refuse_paused(session, context, order, wish.network)
                if new:
                    refuse_hoard(session, context, order)
                else:
                    order.updated_at = context.now()  # it expires so long after the last visit
                payment, begun = _attempt(session, context, order, wish, new=new)
                attempt = _describe(session, context, order, payment, wish.locale)
                key = intend_to_open(session, context, payment, new=begun)
            break
        except IntegrityError:
            # Another tab made the same order a moment ago: the unique key kept it to one, take that.
            if last:
                raise
    failpoint("create.order_committed")
    return order.public_id, attempt, payment.provider, key


def _order(session: Session, context: Context, wish: Start) -> tuple[Order, bool]:
    """The order, locked, and whether it was made here: then nobody else knows of it before this is committed."""
    if wish.order_id is not None:
        order = own_order(session, wish.user_id, wish.order_id)
        if order.status is not PaymentStatus.PENDING:
            raise NotPayable
        return lock_order(session, order.id), False
    if wish.product_id is None:
        minor = wish.minor or 0
        meant = find_meant(session, context, wish.name or "", wish.currency, minor)
        return _new_order(session, context, wish, meant, minor), True
    product = find_product(session, wish.product_id, wish.locale, wish.currency)
    if product is None or product.amount_minor is None:
        raise ProductNotFound
    if wish.origin == "page":
        open_ = find_open_page_order(session, wish.user_id, wish.product_id)
        if open_ is not None and (open_.amount_minor, open_.currency) == (product.amount_minor, wish.currency):
            return lock_order(session, open_.id), False
        if open_ is not None:
            _make_way(session, context, open_)  # another price or currency: nobody pays an old one by surprise
        elif _is_bought(session, context, wish):
            raise NotPayable  # paid in another tab since this page was asked for
    meant = Meant(product_id=product.id, name=product.name)
    return _new_order(session, context, wish, meant, product.amount_minor), True


def _is_bought(session: Session, context: Context, wish: Start) -> bool:
    if wish.unless_bought is None or wish.product_id is None:
        return False
    order = _find_unfinished(session, context, wish.user_id, wish.product_id)
    return order is not None and order.public_id == wish.unless_bought


def _make_way(session: Session, context: Context, order: Order) -> None:
    """Cancel an open order that another one replaces.

    Raises:
        Outdated: its attempt has to be closed at the provider first. NotPayable: it is just being paid.
    """
    if not close_order(session, context, order, cause=Cause.NEW_TRY):
        payment = find_deciding_payment(session, order.id)
        if payment is not None and is_watched(context, payment):
            raise Outdated(payment.id)
        raise NotPayable
    session.flush()


def _new_order(session: Session, context: Context, wish: Start, meant: Meant, amount_minor: int) -> Order:
    now = context.now()
    order = Order(
        id=context.nature.randomness.uuid(),
        public_id=new_order_id(context.nature.randomness),
        user_id=wish.user_id,
        product_id=meant.product_id,
        product_name=meant.name,
        amount_minor=amount_minor,
        currency=wish.currency,
        locale=wish.locale,
        origin=wish.origin,
        network=wish.network,
        status=PaymentStatus.PENDING,
        created_at=now,
        updated_at=now,
    )
    add_row(session, order)
    audit(session, order, NONE, PaymentStatus.PENDING, Cause.CREATED, now)
    return order


def _attempt(session: Session, context: Context, order: Order, wish: Start, *, new: bool) -> tuple[Payment, bool]:
    """The order's open attempt, or a new one with an id of its own, and which; a `new` order has none to be found.

    Raises:
        Outdated: another provider's attempt has to be closed there first. NotPayable: it is being paid.
    """
    payment = None if new else find_deciding_payment(session, order.id)
    if payment is not None and payment.status is not PaymentStatus.PENDING:
        raise NotPayable
    provider = _provider(context, order, wish, payment)
    key_pair = provider.default_key_pair(page=wish.origin == "page")
    wanted = (provider.name, key_pair, provider.mode)
    if payment is not None and (payment.provider, payment.key_pair, payment.mode) == wanted:
        return payment, False
    if payment is not None:
        if not close(session, context, payment, cause=Cause.NEW_TRY):
            raise Outdated(payment.id)
        session.flush()
    now = context.now()
    number = 1 if new else next_attempt_no(session, order.id)
    payment = Payment(
        id=context.nature.randomness.uuid(),
        order_id=order.id,
        attempt_no=number,
        provider=provider.name,
        mode=provider.mode,
        key_pair=key_pair,
        sent_order_id=attempt_order_id(order.public_id, number),
        amount_minor=order.amount_minor,
        currency=order.currency,
        status=PaymentStatus.PENDING,
        next_check_at=first_check(context, provider, now),
        created_at=now,
        updated_at=now,
    )
    add_row(session, payment)
    audit(session, payment, NONE, PaymentStatus.PENDING, Cause.CREATED, now)
    return payment, True


def _provider(context: Context, order: Order, wish: Start, open_: Payment | None) -> Provider:
    """Whom the buyer pays through: the one she chose, the open attempt's, or the first that takes the currency."""
    if wish.provider is not None:
        provider = context.provider(wish.provider)
    elif open_ is not None and open_.provider in context.providers:
        provider = context.provider(open_.provider)
    else:
        provider = context.provider_for(order.currency)
    if order.currency not in provider.capabilities.currencies:
        raise ProviderNotConfigured
    if context.is_down(provider.name):
        raise ProviderBusy
    return provider


def _describe(session: Session, context: Context, order: Order, payment: Payment, locale: str) -> Attempt:
    customer = get_customer(session, order.user_id)
    return Attempt(
        payment_id=payment.id,
        order_ref=payment.sent_order_id or "",
        order_name=order.product_name,
        amount=Money(payment.amount_minor, payment.currency),
        customer_key=customer.key,
        customer_email=customer.email or "",
        customer_name=customer.name,
        locale=locale,
        success_url=context.policy.success_url,
        fail_url=context.policy.fail_url,
        key_pair=payment.key_pair,
        provider_ref=payment.provider_ref,
    )
