"""Who calls, and what they sent: bearer tokens and strict JSON bodies."""

import re

from flask import g, request

from webapp.domain.failures import Malformed, ScopeMissing, Unauthorized, UnsupportedMediaType
from webapp.domain.strict_json import NotJson, loads
from webapp.security import MAX_BODY
from webapp.services.access_tokens import SCOPES, token_owner
from webapp.services.accounts import Account
from webapp.services.linked_accounts import account_for
from webapp.wiring import wiring

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]{10,4096})\Z", re.IGNORECASE)


def need_user(scope: str) -> Account:
    """The account whose token came with this call, if it may do this; `scope` is one of `SCOPES`.

    Raises:
        ScopeMissing: it was made for something else. IssuerAway: see there.
        Unauthorized: none, malformed, expired, revoked, or of an account that is closed.
    """
    found = _BEARER.match(request.headers.get("Authorization", ""))
    known = _owner_of(found.group(1)) if found else None
    if known is None:
        raise Unauthorized
    user, scopes = known
    g.account_id = user.id
    if scope not in scopes:
        raise ScopeMissing(f"made without the scope {scope}")
    return user


def _owner_of(token: str) -> tuple[Account, frozenset[str]] | None:
    wired = wiring()
    if "." not in token:  # ours have none
        return token_owner(wired.context, token)
    identity = wired.supabase.read(token) if wired.supabase else None
    if identity is None:
        return None
    user = account_for(wired.context, identity.issuer, identity.subject, identity.email)
    return (user, frozenset(SCOPES)) if user else None


def need_json() -> dict[str, object]:
    """The body, which must be one JSON object.

    Raises:
        UnsupportedMediaType: not sent as `application/json`. Malformed: cut off, not strict JSON, or not an object.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    sent = request.get_data(cache=False)
    if request.content_length not in (None, len(sent)):
        raise Malformed("the body is shorter than it was announced")
    try:
        body = loads(sent, max_bytes=MAX_BODY)
    except NotJson as error:
        raise Malformed(str(error)) from error
    if not isinstance(body, dict):
        raise Malformed("the body must be a JSON object")
    return body
