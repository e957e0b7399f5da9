"""The catalogue: what is for sale."""

from flask import Blueprint, render_template

from webapp.services.history import catalogue
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
