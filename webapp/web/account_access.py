"""Who gets into the account: the places where it is logged in, and the tokens of programs."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.domain.failures import NotFound, TooManyTokens
from webapp.services import access_tokens, user_sessions
from webapp.web.account import Page, done, form_page, own_id
from webapp.web.account_forms import SCOPE_WORDS, ConfirmForm, TokenForm
from webapp.web.visitor import dismiss, login_needed, visitor_session
from webapp.wiring import wiring

bp = Blueprint("account_access", __name__, url_prefix="/account")


@bp.get("/sessions")
@login_needed
def sessions() -> str:
    rows = user_sessions.list_sessions(wiring().context, own_id(), visitor_session())
    return render_template("account/sessions.html", form=ConfirmForm(), sessions=rows)


@bp.post("/sessions/<session_id>/end")
@login_needed
def end_session(session_id: str) -> Response:
    """End one; ending this one is logging out."""
    if session_id == visitor_session():
        dismiss()
        return redirect(url_for("catalog.index"), code=303)
    user_sessions.end(wiring().context, own_id(), session_id)
    return done(_("That device was logged out."), "account_access.sessions")


@bp.post("/sessions/end-others")
@login_needed
def end_other_sessions() -> Response:
    user_sessions.end_others(wiring().context, own_id(), visitor_session())
    return done(_("All other devices were logged out."), "account_access.sessions")


@bp.route("/tokens", methods=["GET", "POST"])
@login_needed
def tokens() -> Page:
    """List them; the answer to making one is the only page that ever shows it."""
    context, form, failure = wiring().context, TokenForm(), None
    if form.validate_on_submit():
        try:
            token, ends = access_tokens.make_own_token(
                context, own_id(), form.name.data, scopes=form.scope.data.split()
            )
        except TooManyTokens as many:
            failure = many
        else:
            may = SCOPE_WORDS[form.scope.data]
            return render_template("account/token_made.html", token=token, ends=ends, name=form.name.data, may=may)
    rows = access_tokens.list_own_tokens(context, own_id())
    return form_page("tokens", form, tokens=rows, failure=failure, scope_words=SCOPE_WORDS)


@bp.post("/tokens/<token_id>/revoke")
@login_needed
def revoke_token(token_id: str) -> Response:
    try:
        access_tokens.revoke_token(wiring().context, own_id(), token_id)
    except NotFound:
        flash(_("That token had ended already."))
        return redirect(url_for("account_access.tokens"), code=303)
    return done(_("The token was revoked. Programs that use it no longer work."), "account_access.tokens")
