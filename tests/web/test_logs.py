"""Logs: one JSON object a line, without secrets, card numbers and people."""

import json
import logging

import pytest
import structlog

from tests.shop_server import RunningShop
from webapp.logs import configure_logs, redact

SECRETS = (
    "test_sk_abcdef123456",
    "live_gsk_abcdef123456",
    "sk_live_abcdef123456",
    "whsec_abcdef",
    "pi_1_secret_abc",
    "Basic dGVzdA==",
    "Bearer cc_abcdefghijklmnopqrstuvwxyz",
    "ps_abcdef123",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_fm_107_a_secret_in_a_sentence_is_masked(secret: str) -> None:
    assert secret not in str(redact(f"the call with {secret} failed"))
    assert secret not in str(redact({"deep": [{"why": secret}]}))


def test_fm_107_a_card_number_is_masked_and_other_numbers_are_kept() -> None:
    assert redact("card 4242 4242 4242 4242 refused") == "card *** refused"
    assert redact("order 13000 of 2026-11-23") == "order 13000 of 2026-11-23"


def test_fm_106_a_line_is_one_object_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    try:
        structlog.get_logger("t").info("hello\nworld\x1b[31m", password="hunter22", name='"}\n{"level": "fake')
        logging.getLogger("other").warning("token=%s", "Bearer abc.def.ghi")
        lines = capsys.readouterr().err.splitlines()
    finally:
        logging.getLogger().handlers.clear()

    found = [json.loads(line) for line in lines]
    assert [entry["level"] for entry in found] == ["info", "warning"]
    assert "hunter22" not in str(found)
    assert "abc.def.ghi" not in str(found)
    assert all("request_id" in entry and "timestamp" in entry for entry in found)


def test_fm_107_a_database_error_quotes_no_values(sqlite_shop: RunningShop) -> None:
    with pytest.raises(Exception, match="no such table") as error, sqlite_shop.context.sessions.write() as session:
        session.connection().exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("secret@example.com",))

    assert "secret@example.com" not in str(error.value)
