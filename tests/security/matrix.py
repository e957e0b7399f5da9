"""The authorisation matrix: who gets what for every route. A new route needs a line here.

Cells in this order: anonymous, the buyer, the shop's own person, the buyer's token as a bearer, one of hers with the
scope `read` alone, one with `pay` alone. A cell is a status, or `login` where a stranger is led to the log-in page; for
a thing of an account `own/another's/nobody's`, and what is somebody's is another's to the shop's own person. Pages take
no bearer, JSON calls no cookie. Forms are sent empty: 422 is "let in". `=` is what stands before it.
"""

MATRIX = {
    "GET /": "200 200 200 200 = =",
    "GET /account": "login 200 200 login = =",
    "GET /account/change/<secret>": "410 410 410 410 = =",
    "POST /account/change/<secret>": "410 410 410 410 = =",
    "GET /account/close": "login 200 200 login = =",
    "POST /account/close": "login 422 422 login = =",
    "GET /account/closed": "200 200 200 200 = =",
    "GET /account/confirm/<secret>": "410 410 410 410 = =",
    "POST /account/confirm/<secret>": "410 410 410 410 = =",
    "POST /account/confirmation": "login 303 303 login = =",
    "GET /account/email": "login 200 200 login = =",
    "POST /account/email": "login 422 422 login = =",
    "POST /account/email/cancel": "login 303 303 login = =",
    "GET /account/name": "login 200 200 login = =",
    "POST /account/name": "login 303 303 login = =",
    "GET /account/password": "login 200 200 login = =",
    "POST /account/password": "login 422 422 login = =",
    "GET /account/sessions": "login 200 200 login = =",
    "POST /account/sessions/<session_id>/end": "login/login/login 303/303/303 303/303/303 login/login/login = =",
    "POST /account/sessions/end-others": "login 303 303 login = =",
    "GET /account/tokens": "login 200 200 login = =",
    "POST /account/tokens": "login 422 422 login = =",
    "POST /account/tokens/<token_id>/revoke": "login/login/login 303/303/303 303/303/303 login/login/login = =",
    "POST /auth/token": "401 401 401 401 = =",
    "GET /checkout/<product_id>": "login 200 200 login = =",
    "POST /currency": "303 303 303 303 = =",
    "GET /design": "200 200 200 200 = =",
    "GET /docs": "200 200 200 200 = =",
    "GET /healthz": "200 200 200 200 = =",
    "POST /language": "303 303 303 303 = =",
    "GET /login": "200 303 303 200 = =",
    "POST /login": "422 422 422 422 = =",
    "GET /metrics": "200 200 200 200 = =",
    "GET /openapi.json": "200 200 200 200 = =",
    "GET /password/forgot": "200 200 200 200 = =",
    "POST /password/forgot": "422 422 422 422 = =",
    "GET /password/reset/<secret>": "410 410 410 410 = =",
    "POST /password/reset/<secret>": "410 410 410 410 = =",
    "GET /password/sent": "200 200 200 200 = =",
    "GET /payment/<order_id>": "401/401/401 401/401/401 401/401/401 200/404/404 = 403/403/403",
    "POST /payment/<provider_name>/confirm": "404 404 404 404 = =",
    "POST /payment/<provider_name>/create": "401 401 401 200 403 200",
    "POST /payment/<provider_name>/webhook": "400 400 400 400 = =",
    "GET /payment/fail": "200 200 200 200 = =",
    "GET /payment/history/me": "401 401 401 200 = 403",
    "GET /payment/success": "400 400 400 400 = =",
    "POST /payment/success": "303 303 303 303 = =",
    "GET /payments": "login 200 200 login = =",
    "GET /payments/<order_id>": "200/200/200 200/404/404 404/404/404 200/200/200 = =",
    "POST /payments/<order_id>/cancel": "login/login/login 303/404/404 404/404/404 login/login/login = =",
    "GET /payments/<order_id>/receipt": "login/login/login 303/404/404 404/404/404 login/login/login = =",
    "POST /payments/<order_id>/tries": "login/login/login 303/404/404 404/404/404 login/login/login = =",
    "GET /products/<product_id>": "200 200 200 200 = =",
    "GET /readyz": "200 200 200 200 = =",
    "GET /robots.txt": "200 200 200 200 = =",
    "GET /sandbox": "303 303 303 303 = =",
    "GET /sandbox/guide": "login 200 200 login = =",
    "GET /sandbox/guide/<section>": "login 200 200 login = =",
    "GET /sandbox/guide/payment/fail": "303 303 303 303 = =",
    "GET /sandbox/guide/payment/success": "200 200 200 200 = =",
    "GET /sandbox/readings/<order_id>": "404/404/404 404/404/404 404/404/404 404/404/404 = =",
    "GET /signup": "200 200 200 200 = =",
    "POST /signup": "422 422 422 422 = =",
    "GET /static/<path:filename>": "200 200 200 200 = =",
    "GET /static/panes/<provider_name>/<path:name>": "200 200 200 200 = =",
    "POST /logout": "303 303 303 303 = =",
}


def cells(route: str) -> list[str]:
    """The cells of a route, each with its own words."""
    told: list[str] = []
    for cell in MATRIX[route].split():
        told.append(told[-1] if cell == "=" else cell)
    return told
