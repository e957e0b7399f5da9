"""Steering by call: ledger, faults, clock, webhook addresses, reset. JSON, or the panel's plain forms."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from webapp.sandbox.faults import BadFault, Fault
from webapp.sandbox.shell import Sandbox

_NUMBERS = ("times", "skip", "status")
_SECONDS = ("before_s", "delay_s", "advance_s")


def posted() -> dict[str, Any]:
    """The members of a JSON object or of a form, whichever was posted. Empty form fields are left out."""
    if request.is_json:
        data = request.get_json()
        if not isinstance(data, dict):
            raise BadRequest("a JSON object is expected")
        return data
    return {name: _typed(name, value) for name, value in request.form.items() if value != ""}


def done(result: object, status: int = 200) -> Response:
    """JSON to programs; a form goes back to the panel."""
    if request.method == "POST" and not request.is_json and request.form:
        back = redirect("/sandbox", code=303)
        return Response(back.get_data(), status=303, headers=dict(back.headers))
    response = jsonify(result)
    response.status_code = status
    return response


def refuse_other_sites() -> None:
    """Only the panel's own forms and programs may steer; a page of another site may not."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method != "GET" and site not in ("same-origin", "none"):
        raise Forbidden("the sandbox is steered from its own pages only")


def control_routes(sandbox: Sandbox) -> Blueprint:
    """The routes under /sandbox that every provider shares."""
    routes = Blueprint("control", __name__, url_prefix="/sandbox")
    routes.before_request(refuse_other_sites)

    @routes.get("/ledger")
    def ledger() -> Response:
        return done(sandbox.ledger())

    @routes.post("/reset")
    def reset() -> Response:
        sandbox.reset()
        return done({"reset": True})

    _fault_routes(routes, sandbox)
    _clock_routes(routes, sandbox)
    _webhook_routes(routes, sandbox)
    return routes


def _fault_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    @routes.get("/faults")
    def list_faults() -> Response:
        return done({"faults": sandbox.faults.list()})

    @routes.post("/faults")
    def add_fault() -> Response:
        try:
            fault = Fault.parse(posted())
        except (BadFault, TypeError) as problem:
            raise BadRequest(str(problem)) from problem
        if fault.provider not in sandbox.emulators:
            raise BadRequest("unknown provider")
        sandbox.faults.add(fault)
        return done({"faults": sandbox.faults.list()}, 201)

    @routes.delete("/faults")
    @routes.post("/faults/clear", endpoint="clear_faults_form")
    def clear_faults() -> Response:
        sandbox.faults.clear()
        return done({"faults": []})


def _clock_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    def present() -> dict[str, object]:
        return {"now": sandbox.clock.stamp(), "offset_s": sandbox.clock.offset_s}

    @routes.get("/clock")
    def show_clock() -> Response:
        return done(present())

    @routes.post("/clock")
    def move_clock() -> Response:
        data = posted()
        if data.get("reset"):
            sandbox.clock.reset()
        else:
            sandbox.clock.advance(float(data.get("advance_s", 0)))
        sandbox.tick()
        sandbox.mailroom.nudge()
        return done(present())


def _webhook_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    @routes.get("/webhooks")
    def list_webhooks() -> Response:
        targets = {name: sandbox.mailroom.target(name) for name in sandbox.emulators}
        return done({"targets": targets, "events": sandbox.mailroom.events()})

    @routes.post("/webhooks")
    def aim_webhooks() -> Response:
        data = posted()
        if data.get("provider") not in sandbox.emulators:
            raise BadRequest("unknown provider")
        sandbox.mailroom.aim(str(data["provider"]), data.get("url"))
        return done({"provider": data["provider"], "url": data.get("url")})

    @routes.post("/webhooks/replay")
    def replay_webhook() -> Response:
        if not sandbox.mailroom.replay(str(posted().get("event_id", ""))):
            raise NotFound("no such event")
        return done({"replayed": True})


def _typed(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return int(value)
    if name in _SECONDS:
        return float(value)
    if name == "apply":
        return value == "true"
    if name in ("patch", "headers"):
        return json.loads(value)
    return value
