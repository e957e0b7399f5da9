"""Toss's codes: the committed table and our reading of it, and what each becomes when Toss answers with it."""

import csv
from typing import Any

import pytest

from tests.providers.toss_attempts import attempt, authenticated
from tests.sandbox_server import RunningSandbox
from webapp.domain.reasons import Reason, RefusalKind, Verdict
from webapp.providers.port import Provider, ProviderRefused, ProviderUnclear, RefundCall
from webapp.providers.toss import codes
from webapp.providers.toss.codes import RULINGS, TABLE, hint_for, reason_for_fail_url, refusal_for, verdict_for

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))


def rows_of(call: str) -> list[Any]:
    return [pytest.param(row, id=row["code"]) for row in ROWS if row["call"] == call]


def test_the_mapping_and_the_documented_table_agree() -> None:
    assert codes.audit() == []


def test_the_audit_notices_each_kind_of_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm = dict(RULINGS["confirm"])
    del confirm["FDS_ERROR"]
    confirm["NEW_CODE"] = confirm["REJECT_CARD_COMPANY"]
    confirm["PROVIDER_ERROR"] = confirm["REJECT_CARD_COMPANY"]
    monkeypatch.setitem(RULINGS, "confirm", confirm)
    assert codes.audit() == [
        "confirm FDS_ERROR: documented as final, not mapped",
        "confirm NEW_CODE: mapped as final, not documented",
        "confirm PROVIDER_ERROR: documented as retry, mapped as final",
    ]


def test_no_code_is_listed_twice_and_every_row_is_complete() -> None:
    keys = [(row["call"], row["code"]) for row in ROWS]
    assert len(keys) == len(set(keys))
    for row in ROWS:
        assert row["meaning"]
        assert row["source"]
        assert row["verdict"] in set(Verdict)


def test_every_code_tells_the_merchant_something_in_both_languages() -> None:
    for row in ROWS:
        assert hint_for(row["code"], "en"), row
        assert hint_for(row["code"], "ko") != hint_for(row["code"], "en"), row
    assert hint_for("BRAND_NEW_CODE", "en") == ""


@pytest.mark.parametrize("row", rows_of("confirm"))
def test_fm_05_a_confirm_answered_with_a_code_raises_what_the_table_says(
    sandbox: RunningSandbox, provider: Provider, row: dict[str, str]
) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", then="status", status=int(row["http"]), code=row["code"])
    expected = ProviderRefused if row["verdict"] == "final" else ProviderUnclear
    with pytest.raises(expected) as caught:
        provider.confirm(paid, idempotency_key="k")
    if isinstance(caught.value, ProviderRefused):
        assert caught.value.refusal.code == row["code"]
        assert caught.value.evidence == {"code": row["code"], "status": int(row["http"])}
    elif isinstance(caught.value, ProviderUnclear):
        assert caught.value.code == row["code"]
    assert [payment["captured"] for payment in sandbox.ledger()["payments"]] == [0]


@pytest.mark.parametrize("row", rows_of("cancel"))
def test_a_cancel_answered_with_a_code_raises_what_the_table_says(
    sandbox: RunningSandbox, provider: Provider, row: dict[str, str]
) -> None:
    sandbox.fault(call="cancel", then="status", status=int(row["http"]), code=row["code"])
    call = RefundCall(
        provider_ref="key", order_ref="ord_x", key_pair="widget", amount=None, reason="r", idempotency_key="k"
    )
    with pytest.raises(ProviderRefused if row["verdict"] == "final" else ProviderUnclear):
        provider.refund(call)


@pytest.mark.parametrize("applied", [True, False], ids=["charged", "not charged"])
def test_fm_05_a_code_nobody_has_seen_is_unknown_and_alarming(
    sandbox: RunningSandbox, provider: Provider, applied: bool
) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", then="status", status=400, code="BRAND_NEW_CODE", apply=applied)
    with pytest.raises(ProviderUnclear) as caught:
        provider.confirm(paid, idempotency_key="k")
    assert (caught.value.code, caught.value.alarming) == ("BRAND_NEW_CODE", True)


@pytest.mark.parametrize(
    "code", ["UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT", "FORBIDDEN_REQUEST"]
)
def test_fm_70_our_keys_refused_is_not_the_buyers_fault(code: str) -> None:
    ruling = verdict_for(code, "confirm")
    assert (ruling.verdict, ruling.alarming, ruling.reason) == (Verdict.UNKNOWN, True, Reason.SHOP_SETUP)


@pytest.mark.parametrize("code", ["INVALID_CARD_LOST_OR_STOLEN", "FDS_ERROR", "INVALID_REJECT_CARD"])
def test_a_thief_reads_what_everybody_reads(code: str) -> None:
    assert verdict_for(code, "confirm").reason is verdict_for("REJECT_CARD_COMPANY", "confirm").reason


def test_what_a_browser_reports_is_never_final() -> None:
    seen = [ruling for call in ("fail_url", "sdk") for ruling in RULINGS[call].values()]
    assert {ruling.verdict for ruling in seen} == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    "code, reason",
    [
        ("PAY_PROCESS_CANCELED", Reason.CANCELED_BY_BUYER),
        ("USER_CANCEL", Reason.CANCELED_BY_BUYER),
        ("PAY_PROCESS_ABORTED", Reason.AUTHENTICATION),
        ("REJECT_CARD_COMPANY", Reason.DECLINED),
        ("REJECT_CARD_PAYMENT", Reason.INSUFFICIENT_FUNDS),
        ("COMMON_ERROR", Reason.PROVIDER_UNAVAILABLE),
        ("INVALID_CARD_EXPIRATION", Reason.CARD_DATA),
        ("<script>", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
    ],
)
def test_the_fail_address_is_read_as_a_group_of_texts(code: str, reason: Reason) -> None:
    assert reason_for_fail_url(code) is reason


@pytest.mark.parametrize(
    "code, reason, kind",
    [
        ("REJECT_CARD_COMPANY", Reason.DECLINED, RefusalKind.DECLINED),
        ("EXPIRED_PAYMENT", Reason.EXPIRED, RefusalKind.EXPIRED),
        ("BRAND_NEW_CODE", Reason.UNKNOWN, RefusalKind.DECLINED),
    ],
)
def test_a_payments_own_failure_is_read_by_the_same_table(code: str, reason: Reason, kind: RefusalKind) -> None:
    refusal = refusal_for(code)
    assert (refusal.code, refusal.reason, refusal.kind) == (code, reason, kind)
