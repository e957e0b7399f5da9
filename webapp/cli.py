"""`flask …`: parse, call one service, print. Every command exits non-zero when it fails."""

import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from webapp.doctor import Level, examine
from webapp.domain.failures import EmailTaken, Failure, Invalid
from webapp.errors import database_complaint
from webapp.jobs import worker as jobs
from webapp.services import access_tokens, account_closing, accounts, alerts, desk, fulfil
from webapp.services import pauses as paused
from webapp.services.keys import Unopened, rotate
from webapp.services.stock import CatalogError, load_catalog
from webapp.services.sweep import sweep
from webapp.wiring import Wiring, wiring

DEMO_CATALOG = Path(__file__).resolve().parent / "catalog.toml"
DEMO_PASSWORD = "sandbox-password"  # noqa: S105 (printed by `make run`; production refuses demo users)
DEMO_USERS = (("buyer@example.com", "buyer"), ("owner@example.com", "owner"))
_ROW = click.IntRange(1, 2**63 - 1)  # a database would complain of what is longer, as if it were away


class Group(AppGroup):
    """A group whose commands fail in one line that says what to do, rather than in a stack."""

    def invoke(self, ctx: click.Context) -> object:
        with telling():
            return super().invoke(ctx)


users = Group("users", help="Accounts and their tokens.")
catalog = Group("catalog", help="What the shop sells.")
payments = Group("payments", help="One payment, with everything that happened to it.")
codes = Group("codes", help="The providers' refusal codes.")
events = Group("events", help="The inbox of webhooks.")
keys = Group("keys", help="The keys that seal columns of the database.")
pauses = Group("pauses", help="New payments that wait after many declined ones.")
fulfilments = Group("fulfilments", help="What the shop's own backend is told.")
alarms = Group("alerts", help="What waits for a person.")


def _address(_ctx: click.Context, _option: click.Parameter, typed: str) -> str:
    """Looked at before a password is asked for."""
    try:
        return accounts.normal_email(typed)
    except Invalid as error:
        raise click.BadParameter(str(error.detail)) from error


def _print(rows: Sequence[Mapping[str, object]], names: str, nothing: str) -> None:
    """One line each. That there is `nothing` is said beside the output: a program still gets no line."""
    for row in rows:
        click.echo("\t".join(str(row[name]) for name in names.split()))
    if not rows:
        click.echo(nothing, err=True)


@users.command("create")
@click.option("--email", required=True, callback=_address)
@click.option("--name", default=None)
@click.option("--role", type=click.Choice(["buyer", "owner"]), default="buyer", show_default=True)
@click.password_option(help="Asked for when it isn't given.")
def users_create(email: str, name: str | None, role: str, password: str) -> None:
    """Make an account."""
    user = accounts.sign_up(wiring().context, email=email, password=password, name=name, role=role)
    click.echo(user.email)


@users.command("token")
@click.option("--email", required=True)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(access_tokens.SCOPES),
    multiple=True,
    help="What it may do; give it more than once for more. Everything without it.",
)
def users_token(email: str, scopes: tuple[str, ...]) -> None:
    """Print a bearer token for an account; it is shown this once."""
    token, ends = access_tokens.make_token(wiring().context, email, scopes=scopes or access_tokens.SCOPES)
    click.echo(token)
    click.echo(f"good until {ends.isoformat(timespec='seconds')}", err=True)


@users.command("close")
@click.option("--email", help="The address that the account logs in with.")
@click.option("--id", "user_id", help="The account's id instead: one that comes with another issuer's token.")
def users_close(email: str | None, user_id: str | None) -> None:
    """Close an account: the person is removed, the payments stay."""
    if (email is None) == (user_id is None):
        raise click.UsageError("Name the account by --email or by --id.")
    account_closing.close_account_of(wiring().context, email or user_id or "")
    click.echo("closed")


@catalog.command("load")
@click.argument("file", type=click.Path(path_type=Path))
def catalog_load(file: Path) -> None:
    """Store every product of a catalogue file; the same file twice changes nothing."""
    click.echo(f"{load_catalog(wiring().context, file)} products")


@catalog.command("seed")
def catalog_seed() -> None:
    """Load the demo catalogue and make the demo users (development only)."""
    wired = wiring()
    if wired.settings.is_production:
        raise click.ClickException("demo data is for development")
    # The demo's own address is out of reach without the internet: the sandbox delivers by itself.
    here = f"{wired.settings.public_url}/sandbox/readings/{{order_id}}" if wired.settings.sandbox else None
    click.echo(f"{load_catalog(wired.context, DEMO_CATALOG, delivery_url=here)} products")
    seed_users(wired)


@payments.command("show")
@click.argument("order_id")
def payments_show(order_id: str) -> None:
    """Print an order, its attempts, and every move with its proof."""
    click.echo(json.dumps(desk.dossier(wiring().context, order_id), ensure_ascii=False, indent=2))


@codes.command("audit")
def codes_audit() -> None:
    """Compare each provider's documented codes with what we make of them."""
    found = [f"{name}: {line}" for name, folder in wiring().folders().items() for line in folder.codes.audit()]
    for line in found:
        click.echo(line)
    if found:
        sys.exit(1)
    click.echo("every documented code has a meaning")


@events.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
def events_list(limit: int) -> None:
    """Print the newest events."""
    _print(desk.list_events(wiring().context, limit), "id received_at kind outcome order_ref", "no webhook has come")


@events.command("show")
@click.argument("event_id", type=_ROW)
def events_show(event_id: int) -> None:
    """Print one event; its body stays sealed."""
    click.echo(json.dumps(desk.event(wiring().context, event_id), ensure_ascii=False, indent=2))


@events.command("replay")
@click.argument("event_id", type=_ROW)
def events_replay(event_id: int) -> None:
    """Work on one event again; doing it twice ends in the same place."""
    click.echo(desk.replay(wiring().context, event_id))


@fulfilments.command("list")
@click.option("--state", type=click.Choice(["queued", "delivered", "failed", "kept"]), default=None)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
def fulfilments_list(state: str | None, limit: int) -> None:
    """Print the newest messages, all or of one state."""
    listed = fulfil.list_messages(wiring().context, state, limit)
    _print(listed, "id created_at kind state last_answer order_id", "no message")


@fulfilments.command("show")
@click.argument("message_id")
def fulfilments_show(message_id: str) -> None:
    """Print one message and its body; the person is added only when it is sent."""
    click.echo(json.dumps(fulfil.show_message(wiring().context, message_id), ensure_ascii=False, indent=2))


@fulfilments.command("resend")
@click.argument("message_id")
def fulfilments_resend(message_id: str) -> None:
    """Send a message once more, under its own id; the worker does it."""
    if not wiring().settings.fulfilment_url:
        raise click.ClickException("there is nobody to tell: set FULFILMENT_URL")
    fulfil.resend(wiring().context, message_id)
    click.echo("queued")


@alarms.command("list")
@click.option("--all", "closed", is_flag=True, help="The closed ones too.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
def alerts_list(closed: bool, limit: int) -> None:
    """Print what waits for a person, the newest first."""
    listed = alerts.list_open(wiring().context, limit, closed=closed)
    rows = [{name: value or alert["object_id"] for name, value in alert.items()} for alert in listed]
    _print(rows, "id last_at times kind order_id detail", "nothing waits for a person")


@alarms.command("show")
@click.argument("alert_id", type=_ROW)
def alerts_show(alert_id: int) -> None:
    """Print one alert, with its order where there is one."""
    click.echo(json.dumps(alerts.show(wiring().context, alert_id), ensure_ascii=False, indent=2))


@alarms.command("close")
@click.argument("alert_id", type=_ROW)
def alerts_close(alert_id: int) -> None:
    """Take an alert off the list; the same thing happening again puts it back."""
    alerts.close(wiring().context, alert_id)
    click.echo("closed")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs: every finding as one object.")
@with_appcontext
def doctor_command(as_json: bool) -> None:
    """Look at everything that a shop needs, and say what to do; fails where something is broken."""
    lines = examine(wiring())
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2))
    else:
        width = max(len(line.name) for line in lines)
        for line in lines:
            click.echo(f"{line.level:4}  {line.name:{width}}  {line.says}")
            if line.todo:
                click.echo(f"{'':4}  {'':{width}}  → {line.todo}")
    if any(line.level is Level.FAIL for line in lines):
        sys.exit(1)


@pauses.command("list")
def pauses_list() -> None:
    """Print what is paused now."""
    _print(paused.pauses(wiring().context), "id scope object_id declines ends_at", "nothing is paused")


@pauses.command("lift")
@click.argument("pause_id")
def pauses_lift(pause_id: str) -> None:
    """End a pause before its time."""
    paused.lift(wiring().context, pause_id)
    click.echo("lifted")


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal every sealed value with the first of ENCRYPTION_KEYS; afterwards the others may go."""
    lost = 0
    for done in rotate(wiring().context):
        click.echo(f"{done.column}\t{done.resealed} sealed anew\t{done.already} were\t{done.unopened} can't be opened")
        lost += done.unopened
    if lost:
        raise click.ClickException(f"{lost} values can't be opened: the key that sealed them is missing")


@click.command("sweep")
def sweep_command() -> None:
    """Look up every payment that is due, once."""
    with telling():
        click.echo(f"{sweep(wiring().context)} looked up")


@click.command("worker")
def worker_command() -> None:
    """Do jobs and sweep until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    jobs.serve(app, wiring(), stop)


class telling:  # noqa: N801 (reads as a phrase where it is used)
    """Turn expected failures into one line on standard error and a non-zero exit."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Failure):
            raise click.ClickException(error.detail or error.title) from error
        if complaint := str(error) if isinstance(error, CatalogError | Unopened) else database_complaint(error):
            raise click.ClickException(complaint) from error


def seed_users(wired: Wiring) -> None:
    """Make the demo accounts where they are missing."""
    if accounts.has_demo(wired.context):
        return
    for email, role in DEMO_USERS:
        try:
            accounts.sign_up(wired.context, email=email, password=DEMO_PASSWORD, role=role, demo=True)
        except EmailTaken:
            continue


COMMANDS: tuple[click.Command, ...] = (
    users, catalog, payments, codes, events, fulfilments, alarms, pauses, keys,
    doctor_command, sweep_command, worker_command,
)  # fmt: skip
