"""`POST /auth/token`: an access token for a program, by e-mail and password."""

from flask import Blueprint, jsonify
from pydantic import Field
from werkzeug.wrappers import Response

from webapp.api.access import need_json
from webapp.providers.bodies import Body, read
from webapp.rate_limits import spend
from webapp.services.access_tokens import make_token
from webapp.services.sign_in import log_in
from webapp.wiring import wiring

bp = Blueprint("auth_api", __name__)


class TokenBody(Body):
    """Who asks."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1000)


@bp.post("/auth/token")
def token() -> Response:
    """A new token; it is shown this once."""
    body = read(TokenBody, need_json())
    spend("logins", account=body.email)
    context = wiring().context
    user = log_in(context, body.email, body.password)
    made, ends = make_token(context, user.email)
    return jsonify(success=True, accessToken=made, expiresAt=ends.isoformat())
