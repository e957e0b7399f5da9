"""Stripe's codes: the committed table, our reading of it, and the package's own list."""

import ast
import csv
from pathlib import Path

import pytest
import stripe

from webapp.domain.reasons import Reason, RefusalKind, Verdict
from webapp.providers.stripe import codes
from webapp.providers.stripe.codes import RULINGS, TABLE, hint_for, reason_for_fail_url, refusal_for, ruling_for

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))

NOT_FOR_THE_BUYER = ["lost_card", "stolen_card", "fraudulent", "pickup_card", "restricted_card", "merchant_blacklist"]


def packaged_codes() -> set[str]:
    """Every code that the package's types list for an intent's `last_payment_error`."""
    source = (Path(stripe.__file__).parent / "_payment_intent.py").read_text()
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
            words = {str(leaf.value) for leaf in ast.walk(node.slice) if isinstance(leaf, ast.Constant)}
            if "card_declined" in words:
                found |= words
    return found


def test_the_mapping_and_the_documented_table_agree() -> None:
    assert codes.audit() == []


def test_the_audit_notices_each_kind_of_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = dict(RULINGS["error"])
    del errors["amount_too_small"]
    errors["brand_new_code"] = errors["card_declined"]
    errors["lock_timeout"] = errors["card_declined"]
    monkeypatch.setitem(RULINGS, "error", errors)
    assert codes.audit() == [
        "error amount_too_small: documented as final, not mapped",
        "error brand_new_code: mapped as final, not documented",
        "error lock_timeout: documented as retry, mapped as final",
    ]


def test_every_code_of_the_package_is_in_the_table() -> None:
    packaged = packaged_codes()
    assert len(packaged) > 200
    assert packaged - {row["code"] for row in ROWS if row["call"] == "error"} == set()


def test_no_code_is_listed_twice_and_every_row_is_complete() -> None:
    keys = [(row["call"], row["code"]) for row in ROWS]
    assert len(keys) == len(set(keys))
    for row in ROWS:
        assert row["meaning"]
        assert row["source"]
        assert row["http"].isdigit()
        assert row["verdict"] in set(Verdict)


def test_every_code_tells_the_merchant_something_in_both_languages() -> None:
    for row in ROWS:
        assert hint_for(row["code"], "en"), row
        assert hint_for(row["code"], "ko") != hint_for(row["code"], "en"), row
    assert hint_for("brand_new_code", "en") == ""


@pytest.mark.parametrize("decline", NOT_FOR_THE_BUYER)
def test_a_thief_reads_what_everybody_reads(decline: str) -> None:
    plain = ruling_for("card_declined", "generic_decline")
    assert ruling_for("card_declined", decline).reason is plain.reason is Reason.DECLINED
    assert reason_for_fail_url(decline) is Reason.DECLINED


@pytest.mark.parametrize(
    "code, decline, reason",
    [
        ("card_declined", "insufficient_funds", Reason.INSUFFICIENT_FUNDS),
        ("card_declined", "generic_decline", Reason.DECLINED),
        ("card_declined", "code_of_tomorrow", Reason.DECLINED),
        ("card_declined", None, Reason.DECLINED),
        ("expired_card", None, Reason.CARD_UNUSABLE),
        ("incorrect_cvc", "incorrect_cvc", Reason.CARD_DATA),
        ("processing_error", "processing_error", Reason.BANK_UNAVAILABLE),
        ("payment_intent_authentication_failure", None, Reason.AUTHENTICATION),
        ("payment_intent_payment_attempt_failed", None, Reason.DECLINED),
        ("brand_new_code", None, Reason.UNKNOWN),
        (None, "lost_card", Reason.DECLINED),
    ],
)
def test_why_a_try_failed_is_read_from_the_more_telling_code(
    code: str | None, decline: str | None, reason: Reason
) -> None:
    refusal = refusal_for(code, decline)
    assert (refusal.reason, refusal.code, refusal.kind) == (reason, decline or code, RefusalKind.DECLINED)


def test_a_double_payment_is_looked_for_before_it_is_called_a_decline() -> None:
    assert ruling_for("card_declined", "duplicate_transaction").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("code", ["api_key_expired", "secret_key_required", "livemode_mismatch", "account_invalid"])
def test_fm_70_our_keys_refused_is_not_the_buyers_fault(code: str) -> None:
    ruling = ruling_for(code)
    assert (ruling.verdict, ruling.alarming, ruling.reason) == (Verdict.UNKNOWN, True, Reason.SHOP_SETUP)


@pytest.mark.parametrize("code", ["<script>", "", "nobody_has_seen_this"])
def test_what_the_browser_brings_is_read_as_far_as_it_is_known(code: str) -> None:
    assert reason_for_fail_url(code) is Reason.UNKNOWN
