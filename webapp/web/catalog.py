"""The catalogue: what is for sale, and one product."""

from flask import Blueprint, Response, render_template

from webapp.services.history import catalogue, product
from webapp.services.ways import prices_of
from webapp.web.presentation import current_locale
from webapp.web.visitor import offered_currencies, visitor_currency
from webapp.wiring import wiring

bp = Blueprint("catalog", __name__)


@bp.get("/")
def index() -> str:
    locale = current_locale()
    currency = visitor_currency(locale)
    return render_template(
        "catalog/index.html",
        products=catalogue(wiring().context, locale, currency),
        currency=currency,
        currencies=offered_currencies(),
    )


@bp.get("/products/<product_id>")
def show(product_id: str) -> str:
    """One product, for everybody; 404 for what isn't on sale."""
    context, locale = wiring().context, current_locale()
    currency = visitor_currency(locale)
    found = product(context, product_id, locale, currency)
    others = [price for price in prices_of(context, product_id) if price.currency != currency]
    return render_template("catalog/show.html", product=found, others=others)


@bp.get("/robots.txt")
def robots() -> Response:
    """What is for everybody may be found; what belongs to one buyer says so on its own page too."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/checkout/", "/payment/", "/payments"))]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
