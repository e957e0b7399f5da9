"""The command line, as a person at a terminal has it: real processes, exit codes, one line of what is wrong."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import requests
from cryptography.fernet import Fernet, MultiFernet
from flask import Flask

from tests.crash.served_shop import ServedShop, wait_until
from tests.mail.paid_orders import pay
from tests.sandbox_server import RunningSandbox
from tests.shop_server import BUYER, NAME, PRICE
from webapp.cli import DEMO_CATALOG

COMMANDS = (
    "users create",
    "users token",
    "users close",
    "catalog load",
    "catalog seed",
    "payments show",
    "worker",
    "sweep",
    "codes audit",
    "events list",
    "events show",
    "events replay",
    "fulfilments list",
    "fulfilments show",
    "fulfilments resend",
    "alerts list",
    "alerts show",
    "alerts close",
    "doctor",
    "keys rotate",
    "pauses list",
    "pauses lift",
)

GOOD = """
[[product]]
id = "candle"
names = {ko = "초", en = "Candle"}
descriptions = {ko = "초 하나", en = "One candle"}
prices = {KRW = "5000"}
"""


@pytest.fixture
def shop(sandbox: RunningSandbox, sqlite_url: str, tmp_path: Path) -> Iterator[ServedShop]:
    served = ServedShop(sqlite_url, sandbox, tmp_path, own_site=True)
    with served:
        yield served


def flask(shop: ServedShop, *words: str) -> subprocess.CompletedProcess[str]:
    """`flask --app wsgi …`, to its end."""
    process = shop.command(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, complained = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, said.decode(), complained.decode())


def works(shop: ServedShop, *words: str) -> str:
    done = flask(shop, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fails(shop: ServedShop, *words: str) -> str:
    """What it complained about, in words rather than a stack."""
    done = flask(shop, *words)
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("Error: "), done.stderr
    return done.stderr


def _leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, (*before, name))
        else:
            yield " ".join((*before, name))


def test_the_list_of_commands_is_complete(shop: ServedShop) -> None:
    app: Flask = shop.app
    assert set(_leaves(app.cli)) - {"run", "shell", "routes"} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shop: ServedShop, command: str) -> None:
    result = shop.app.test_cli_runner().invoke(args=[*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"{command} [OPTIONS]" in result.output
    assert len(result.output.splitlines()[2].strip()) > 10, "says what it does"


def test_an_account_is_made_once(shop: ServedShop) -> None:
    new = ("users", "create", "--email", "new@example.com", "--password", "a long enough password")
    assert works(shop, *new).strip() == "new@example.com"
    assert "new@example.com" not in fails(shop, *new).replace("--email", "")
    assert len(shop.rows("SELECT id FROM users WHERE email = 'new@example.com'")) == 1


def test_an_account_needs_an_address_and_a_password(shop: ServedShop) -> None:
    before = shop.rows("SELECT id FROM users")
    assert "Password" not in fails(shop, "users", "create", "--email", "nobody"), "the address is looked at first"
    fails(shop, "users", "create", "--email", "new@example.com", "--password", "short")
    assert shop.rows("SELECT id FROM users") == before


def test_a_token_opens_the_calls(shop: ServedShop) -> None:
    token = works(shop, "users", "token", "--email", BUYER).strip()
    body = {"amount": PRICE, "orderName": NAME}
    assert shop.post("/payment/toss/create", body, token=token).status_code == 200
    assert shop.post("/payment/toss/create", body, token=token[:-1] + "x").status_code == 401
    fails(shop, "users", "token", "--email", "nobody@example.com")


def test_a_catalogue_is_loaded_and_loaded_again(shop: ServedShop, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(GOOD)
    for _ in range(2):
        assert works(shop, "catalog", "load", str(file)).strip() == "1 products"
    assert len(shop.rows("SELECT id FROM products WHERE id = 'candle'")) == 1
    assert works(shop, "catalog", "load", str(DEMO_CATALOG)).strip() == "2 products"


@pytest.mark.parametrize(
    "text, named",
    [
        ("", "no [[product]]"),
        ("[[product]\n", "new.toml"),
        (GOOD + GOOD, "one id"),
        (GOOD + '[[product]]\nid = "Bad Id"\n', "product 2"),
        (GOOD + GOOD.replace("candle", "lamp").replace('"5000"', "5000"), "lamp"),
        (GOOD + GOOD.replace("candle", "lamp").replace('"5000"', '"5000.5"'), "lamp"),
        (GOOD + GOOD.replace("candle", "lamp").replace('"5000"', '"0"'), "lamp"),
        (GOOD + GOOD.replace("candle", "lamp").replace("KRW", "XXX"), "XXX"),
        (GOOD + GOOD.replace("candle", "lamp").replace("prices", "price"), "price"),
        (GOOD + GOOD.replace("candle", "lamp").replace('ko = "초", ', ""), "names.ko"),
        (GOOD + GOOD.replace("candle", "lamp") + 'delivery_url = "http://x.example"\n', "delivery_url"),
    ],
)
def test_a_bad_catalogue_changes_nothing(shop: ServedShop, tmp_path: Path, text: str, named: str) -> None:
    before = shop.rows("SELECT * FROM products ORDER BY id")
    file = tmp_path / "new.toml"
    file.write_text(text)
    result = shop.app.test_cli_runner().invoke(args=["catalog", "load", str(file)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert named in result.output
    assert shop.rows("SELECT * FROM products ORDER BY id") == before


def test_a_missing_catalogue_is_one_line(shop: ServedShop, tmp_path: Path) -> None:
    assert "nowhere.toml: No such file" in fails(shop, "catalog", "load", str(tmp_path / "nowhere.toml"))


def test_a_payment_is_shown_with_every_move(shop: ServedShop) -> None:
    order_id = pay(shop)
    shown = json.loads(works(shop, "payments", "show", order_id))
    assert (shown["order_id"], shown["status"], shown["amount"]) == (order_id, "completed", PRICE)
    assert [move["to"] for move in shown["moves"]] == ["pending", "confirming", "completed"]
    assert shown["moves"][-1]["proof"] in [proof["id"] for proof in shown["proofs"]]
    assert BUYER not in json.dumps(shown)
    fails(shop, "payments", "show", "ord_nowhere")


def test_a_missing_encryption_key_is_one_line(shop: ServedShop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = pay(shop)
    monkeypatch.setattr("webapp.db.encryption._cipher", MultiFernet([Fernet(Fernet.generate_key())]))
    result = shop.app.test_cli_runner().invoke(args=["payments", "show", order_id])

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("Error: ENCRYPTION_KEYS don't open")


def test_events_are_listed_shown_and_replayed(shop: ServedShop) -> None:
    order_id = pay(shop)
    shop.sandbox.wait_deliveries(1)
    shop.settle_down(hours=0.2)
    line = works(shop, "events", "list").splitlines()[0].split("\t")
    assert line[2:] == ["PAYMENT_STATUS_CHANGED", "nothing_new", order_id]
    shown = json.loads(works(shop, "events", "show", line[0]))
    assert (shown["order_ref"], shown["outcome"]) == (order_id, "nothing_new")
    before = shop.rows("SELECT * FROM audit_log ORDER BY id"), shop.mails()
    assert works(shop, "events", "replay", line[0]).strip() == "nothing_new"
    assert (shop.rows("SELECT * FROM audit_log ORDER BY id"), shop.mails()) == before
    fails(shop, "events", "show", "999")
    fails(shop, "events", "replay", "999")


def test_a_replay_without_an_answer_is_kept_for_later(shop: ServedShop) -> None:
    shop.sandbox.charge(order_id="ord_of_nobody_at_all", amount=PRICE)
    shop.sandbox.wait_deliveries(1)
    wait_until(lambda: shop.rows("SELECT id FROM webhook_events"), "the event is here")
    shop.sandbox.fault(call="any", then="status", status=500, times=100)
    assert works(shop, "events", "replay", "1").strip() == "asked again later"
    assert [row["outcome"] for row in shop.rows("SELECT outcome FROM webhook_events")] == [None]
    shop.sandbox.clear_faults()
    shop.settle_down(hours=0.2)
    assert [row["outcome"] for row in shop.rows("SELECT outcome FROM webhook_events")] == ["orphan"]


def test_a_sweep_says_how_many_it_took(shop: ServedShop) -> None:
    assert works(shop, "sweep").strip() == "0 looked up"
    shop.sandbox.fault(call="confirm", then="reset")
    shop.clock.advance(-120)
    back = shop.authenticated()
    body = {name: back[name] for name in ("paymentKey", "orderId", "amount")}
    assert shop.post("/payment/toss/confirm", body).status_code == 202
    assert works(shop, "sweep").strip() == "1 looked up"
    assert shop.order(back["orderId"])["status"] == "completed"


def test_the_codes_are_audited(shop: ServedShop) -> None:
    assert "every documented code has a meaning" in works(shop, "codes", "audit")


@pytest.mark.parametrize("group", ["events", "fulfilments", "alerts", "pauses"])
def test_an_empty_list_says_so_beside_its_output(shop: ServedShop, group: str) -> None:
    result = shop.app.test_cli_runner().invoke(args=[group, "list"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("no")


@pytest.mark.parametrize("words", [["alerts", "list"], ["pauses", "lift", "1"], ["keys", "rotate"]])
def test_a_database_without_its_tables_is_one_line(shop: ServedShop, words: list[str]) -> None:
    with shop.db() as session:
        for table in ("alerts", "pauses", "webhook_events", "payments"):
            session.connection().exec_driver_sql(f"ALTER TABLE {table} RENAME TO lost_{table}")
    result = shop.app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: database: no such table")
    assert "make migrate" in result.stderr


@pytest.mark.parametrize("words", [["events", "show"], ["events", "replay"], ["alerts", "show"], ["alerts", "close"]])
def test_a_number_that_no_row_has_is_not_the_database_s_fault(shop: ServedShop, words: list[str]) -> None:
    result = shop.app.test_cli_runner().invoke(args=[*words, "9" * 20])

    assert result.exit_code == 2
    assert "is not in the range" in result.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["events", "show", "one"], ["users", "token"], ["payments", "show"]])
def test_wrong_words_are_refused(shop: ServedShop, words: list[str]) -> None:
    assert shop.app.test_cli_runner().invoke(args=words).exit_code == 2


def test_settings_that_cannot_be_used_are_named(shop: ServedShop) -> None:
    shop.environment = {**shop.environment, "PROVIDER_CALLS": "many", "SMTP_URL": "smtp://u:hidden-word@x"}
    done = flask(shop, "sweep")
    assert done.returncode != 0
    assert "PROVIDER_CALLS" in done.stderr
    assert done.stderr.startswith("The settings can't be used: ")
    assert "Traceback" not in done.stderr
    assert "hidden-word" not in done.stderr
    assert requests.get(shop.origin + "/healthz", timeout=10).status_code == 200
