"""Stripe's codes → what they say about the money, which text the buyer reads, what the merchant can do.

`codes.csv` beside this file lists what Stripe documents; `audit()` holds the two against each other. An error has a
`code`, a card's refusal a `decline_code` besides, which says more; where both are missing there is its `type`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.domain.reasons import Reason, Refusal, RefusalKind, Verdict

FINAL, RETRY, UNKNOWN = Verdict.FINAL, Verdict.RETRY, Verdict.UNKNOWN
TABLE = Path(__file__).with_name("codes.csv")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one code is read; `hint` and `hint_ko` are for the merchant."""

    verdict: Verdict
    reason: Reason
    hint: str
    hint_ko: str
    kind: RefusalKind = RefusalKind.DECLINED
    #: A person has to be told: the shop can't take money until somebody acts.
    alarming: bool = False


_UNLISTED = Ruling(UNKNOWN, Reason.UNKNOWN, "", "", alarming=True)

_KEYS = (
    "Check the Stripe keys and what they may do: one account, one mode, not expired.",
    "스트라이프 키와 권한을 확인하세요. 같은 계정, 같은 모드의 만료되지 않은 키여야 합니다.",
)
_OURS = (
    "Our request was not accepted; look at the log and at the account's settings in the Stripe Dashboard.",
    "요청이 거절되었습니다. 로그와 스트라이프 대시보드의 계정 설정을 확인하세요.",
)
_ELSEWHERE = (
    "About a part of Stripe that this shop doesn't use; look at the log.",
    "이 쇼핑몰이 쓰지 않는 스트라이프 기능의 오류입니다. 로그를 확인하세요.",
)
_WAIT = (
    "Nothing to do: the shop asks Stripe again by itself.",
    "기다리세요. 쇼핑몰이 스트라이프에 다시 조회합니다.",
)
_OTHER_CARD = ("The buyer can try another card or method.", "구매자가 다른 카드나 결제수단을 쓸 수 있습니다.")
_TYPED = (
    "The buyer can correct the card details and try again.",
    "구매자가 카드 정보를 고쳐 다시 결제할 수 있습니다.",
)
_LATER = ("Try again later; the bank could not answer.", "은행이 응답하지 못했습니다. 나중에 다시 시도하세요.")
_ACCOUNT = ("The buyer has to use or name another account.", "구매자가 다른 계좌를 사용해야 합니다.")
_ASK_BANK = (
    "Only the buyer's bank knows why; she can ask it, or use another card.",
    "거절 사유는 카드사만 압니다. 구매자가 카드사에 문의하거나 다른 카드를 써야 합니다.",
)
_LOOK_FIRST = (
    "The same sum went over this card a moment ago: look for that payment before anything is tried again.",
    "같은 카드에서 같은 금액이 방금 결제되었습니다. 다시 시도하기 전에 그 결제를 확인하세요.",
)
_AGAIN = ("The buyer can simply try again.", "구매자가 다시 시도하면 됩니다.")
_AMOUNT = ("The amount is outside what Stripe or this method allows.", "허용 금액을 벗어났습니다.")
_BALANCE = (
    "Reload the payment: what is left to refund is another amount.",
    "결제를 다시 조회하세요. 환불 가능 금액이 다릅니다.",
)
_NO_REFUND = (
    "Stripe will not return this payment; look at its dispute, or settle with the buyer directly.",
    "스트라이프로 환불할 수 없습니다. 분쟁 상태를 확인하거나 구매자와 직접 처리하세요.",
)
_TOP_UP = (
    "The Stripe balance is too low for this refund: top it up, then try again.",
    "스트라이프 잔액이 부족합니다. 충전한 뒤 다시 환불하세요.",
)
_NOT_THERE = (
    "Stripe knows no such payment under these keys.",
    "이 키로 조회되는 결제가 없습니다.",
)
_TEST_CARD = (
    "A test card in live mode, or a real one in test mode.",
    "실서비스에서 테스트 카드를, 또는 테스트 모드에서 실제 카드를 사용했습니다.",
)


def _final(reason: Reason, hint: tuple[str, str]) -> Ruling:
    return Ruling(FINAL, reason, *hint)


_MISUSED = Ruling(FINAL, Reason.SHOP_SETUP, *_OURS, RefusalKind.MISUSED)
_REFUSED_KEY = Ruling(UNKNOWN, Reason.SHOP_SETUP, *_KEYS, RefusalKind.MISUSED, alarming=True)
_OTHER_BUSINESS = Ruling(UNKNOWN, Reason.SHOP_SETUP, *_ELSEWHERE, alarming=True)
_GONE = Ruling(FINAL, Reason.UNKNOWN, *_NOT_THERE, RefusalKind.NOT_FOUND)
_HELD = Ruling(RETRY, Reason.PROVIDER_UNAVAILABLE, *_WAIT)
_LOOK_UP = Ruling(UNKNOWN, Reason.UNKNOWN, *_WAIT)

_ERROR = {
    "idempotency_key_in_use lock_timeout rate_limit payment_intent_rate_limit_exceeded": _HELD,
    "payment_intent_unexpected_state intent_invalid_state payment_method_unexpected_state status_transition_invalid "
    "charge_already_captured resource_already_exists return_intent_already_processed": _LOOK_UP,
    "resource_missing": _GONE,
    "api_key_expired platform_api_key_expired secret_key_required livemode_mismatch testmode_charges_only "
    "account_invalid capability_not_active tls_version_unsupported action_blocked request_blocked "
    "anomalous_money_movement_request approval_required": _REFUSED_KEY,
    "parameter_invalid_empty parameter_invalid_integer parameter_invalid_string_blank parameter_invalid_string_empty "
    "parameter_missing parameter_unknown parameters_exclusive missing invalid_characters url_invalid email_invalid "
    "payment_intent_invalid_parameter payment_intent_incompatible_payment_method charge_invalid_parameter "
    "payment_method_invalid_parameter payment_method_invalid_parameter_testmode payment_method_unactivated "
    "payment_method_unsupported_type payment_method_configuration_failures country_unsupported "
    "payment_method_types_no_longer_supported": _MISUSED,
    "amount_too_small amount_too_large invalid_charge_amount": _final(Reason.AMOUNT_RULES, _AMOUNT),
    "charge_exceeds_source_limit charge_exceeds_transaction_limit": _final(Reason.LIMIT_EXCEEDED, _OTHER_CARD),
    "charge_already_refunded": _final(Reason.AMOUNT_RULES, _BALANCE),
    "charge_disputed refund_disputed_payment charge_not_refundable": _final(Reason.DECLINED, _NO_REFUND),
    "balance_insufficient": _final(Reason.LIMIT_EXCEEDED, _TOP_UP),
    "card_declined payment_intent_payment_attempt_failed payment_method_provider_decline payment_method_restricted "
    "refer_to_customer": _final(Reason.DECLINED, _OTHER_CARD),
    "insufficient_funds": _final(Reason.INSUFFICIENT_FUNDS, _OTHER_CARD),
    "incorrect_address incorrect_cvc incorrect_number incorrect_postal_code incorrect_zip invalid_cvc "
    "invalid_expiry_month invalid_expiry_year invalid_number postal_code_invalid "
    "payment_method_billing_details_address_missing": _final(Reason.CARD_DATA, _TYPED),
    "expired_card expired_payment_method invalid_card_type payment_method_currency_mismatch "
    "token_card_network_invalid": _final(Reason.CARD_UNUSABLE, _OTHER_CARD),
    "authentication_failure authentication_required payment_intent_authentication_failure "
    "payment_intent_action_required payment_intent_konbini_rejected_confirmation_number "
    "three_d_secure_authentication_not_supported": _final(Reason.AUTHENTICATION, _AGAIN),
    "payment_method_customer_decline": _final(Reason.CANCELED_BY_BUYER, _AGAIN),
    "payment_intent_payment_attempt_expired": _final(Reason.EXPIRED, _AGAIN),
    "card_decline_rate_limit_exceeded": _final(Reason.TOO_MANY_TRIES, _OTHER_CARD),
    "processing_error payment_method_not_available payment_method_provider_timeout "
    "three_d_secure_authentication_upstream_error": _final(Reason.BANK_UNAVAILABLE, _LATER),
    "account_closed account_number_invalid acss_debit_session_incomplete bank_account_bad_routing_numbers "
    "bank_account_declined bank_account_exists bank_account_restricted bank_account_unusable bank_account_unverified "
    "bank_account_verification_failed billing_invalid_mandate clearing_code_unsupported debit_not_authorized "
    "no_account payment_intent_mandate_invalid invalid_mandate_reference_prefix_format "
    "payment_method_bank_account_already_verified payment_method_bank_account_blocked "
    "payment_method_microdeposit_failed payment_method_microdeposit_processing_error "
    "payment_method_microdeposit_verification_amounts_invalid "
    "payment_method_microdeposit_verification_amounts_mismatch "
    "payment_method_microdeposit_verification_attempts_exceeded "
    "payment_method_microdeposit_verification_descriptor_code_mismatch "
    "payment_method_microdeposit_verification_timeout routing_number_invalid sepa_unsupported_account "
    "india_recurring_payment_mandate_canceled": _final(Reason.ACCOUNT, _ACCOUNT),
    "account_country_invalid_address account_error_country_change_requires_additional_steps "
    "account_information_mismatch account_token_required_for_v2_account alipay_upgrade_required "
    "application_fees_not_allowed balance_invalid_parameter bitcoin_upgrade_required "
    "capture_charge_authorization_expired capture_unauthorized_payment cardholder_phone_number_required "
    "charge_expired_for_capture country_code_invalid coupon_expired customer_max_payment_methods "
    "customer_max_subscriptions customer_session_expired customer_tax_location_invalid "
    "dispute_evidence_page_limit_exceeded failed_tax_calculation financial_account_balance_does_not_support_currency "
    "financial_account_capability_not_enabled financial_account_capability_restricted "
    "financial_connections_account_inactive financial_connections_account_pending_account_numbers "
    "financial_connections_account_unavailable_account_numbers financial_connections_consent_locale_invalid "
    "financial_connections_consent_locale_unsupported financial_connections_no_successful_transaction_refresh "
    "forwarding_api_inactive forwarding_api_invalid_parameter forwarding_api_retryable_upstream_error "
    "forwarding_api_upstream_connection_error forwarding_api_upstream_connection_timeout "
    "forwarding_api_upstream_error instant_payouts_config_disabled instant_payouts_currency_disabled "
    "instant_payouts_limit_exceeded instant_payouts_unsupported intent_verification_method_missing "
    "invalid_canceled_subscription_fields invalid_source_usage invalid_tax_location invoice_no_customer_line_items "
    "invoice_no_payment_method_types invoice_no_subscription_line_items invoice_not_editable "
    "invoice_on_behalf_of_not_editable invoice_payment_intent_requires_action invoice_upcoming_none "
    "not_allowed_on_standard_account out_of_inventory ownership_declaration_not_allowed "
    "payment_evaluation_on_api_version_not_supported payout_reconciliation_not_ready payouts_limit_exceeded "
    "payouts_not_allowed platform_account_required product_inactive progressive_onboarding_limit_exceeded "
    "service_period_coupon_with_metered_tiered_item_unsupported setup_attempt_failed "
    "setup_intent_authentication_failure setup_intent_invalid_parameter setup_intent_mandate_invalid "
    "setup_intent_mobile_wallet_unsupported setup_intent_setup_attempt_expired setup_intent_unexpected_state "
    "shipping_address_invalid shipping_calculation_failed siret_invalid sku_inactive smart_disputes_not_available "
    "state_unsupported storer_capability_missing storer_capability_not_active stripe_tax_inactive "
    "subscription_update_trial_after_billing_cycle_anchor tax_id_invalid tax_id_prohibited taxes_calculation_failed "
    "terminal_location_country_unsupported terminal_reader_busy terminal_reader_hardware_fault "
    "terminal_reader_invalid_location_for_activation terminal_reader_invalid_location_for_payment "
    "terminal_reader_offline terminal_reader_timeout token_already_used token_in_use "
    "transfer_source_balance_parameters_mismatch transfers_not_allowed": _OTHER_BUSINESS,
}

# Lost, stolen and suspicious cards are told to the buyer as any other refusal: she may not be the owner.
_DECLINE = {
    "generic_decline fraudulent lost_card stolen_card pickup_card restricted_card merchant_blacklist "
    "security_violation": _final(Reason.DECLINED, _OTHER_CARD),
    "approve_with_id call_issuer do_not_honor do_not_try_again no_action_taken transaction_not_allowed "
    "not_permitted service_not_allowed stop_payment_order revocation_of_all_authorizations "
    "revocation_of_authorization": _final(Reason.DECLINED, _ASK_BANK),
    "duplicate_transaction": Ruling(UNKNOWN, Reason.DECLINED, *_LOOK_FIRST),
    "insufficient_funds": _final(Reason.INSUFFICIENT_FUNDS, _OTHER_CARD),
    "card_velocity_exceeded withdrawal_count_limit_exceeded": _final(Reason.LIMIT_EXCEEDED, _OTHER_CARD),
    "incorrect_address incorrect_cvc incorrect_number incorrect_zip invalid_cvc invalid_expiry_month "
    "invalid_expiry_year invalid_number": _final(Reason.CARD_DATA, _TYPED),
    "expired_card invalid_account new_account_information_available card_not_supported currency_not_supported": _final(
        Reason.CARD_UNUSABLE, _OTHER_CARD
    ),
    "authentication_required authentication_not_handled mobile_device_authentication_required offline_pin_required "
    "online_or_offline_pin_required incorrect_pin invalid_pin": _final(Reason.AUTHENTICATION, _AGAIN),
    "pin_try_exceeded": _final(Reason.TOO_MANY_TRIES, _OTHER_CARD),
    "invalid_amount": _final(Reason.AMOUNT_RULES, _AMOUNT),
    "issuer_not_available processing_error reenter_transaction try_again_later": _final(
        Reason.BANK_UNAVAILABLE, _LATER
    ),
    "test_mode_live_card testmode_decline": _final(Reason.CARD_UNUSABLE, _TEST_CARD),
}

_TYPE = {
    "api_error": _HELD,
    "card_error": _final(Reason.DECLINED, _OTHER_CARD),
    "idempotency_error invalid_request_error": Ruling(UNKNOWN, Reason.SHOP_SETUP, *_OURS, alarming=True),
}


def _spelt_out(groups: dict[str, Ruling]) -> dict[str, Ruling]:
    return {code: ruling for names, ruling in groups.items() for code in names.split()}


RULINGS: dict[str, dict[str, Ruling]] = {
    "error": _spelt_out(_ERROR),
    "decline": _spelt_out(_DECLINE),
    "type": _spelt_out(_TYPE),
}


def ruling_for(code: str, decline: str | None = None) -> Ruling:
    """How to read an error by its code (or its type) and its decline code; an unlisted one is unknown.

    A decline code that isn't listed leaves what the error's own code says: new ones appear often.
    """
    return (decline and _find(decline, "decline")) or _find(code, "error", "type") or _UNLISTED


def refusal_for(code: str | None, decline: str | None) -> Refusal:
    """Why the last try on an intent came to nothing; the more telling of the two codes names it."""
    ruling = ruling_for(code or "", decline)
    return Refusal(decline or code or "", ruling.reason)


def reason_for_fail_url(code: str) -> Reason:
    """The buyer's text for what came back in the browser; the set is open."""
    ruling = _find(code, "decline", "error")
    return ruling.reason if ruling else Reason.UNKNOWN


def hint_for(code: str, locale: str) -> str:
    """What the merchant can do about a code, in `ko` or `en`; empty for an unlisted one."""
    ruling = _find(code, "decline", "error", "type")
    if ruling is None:
        return ""
    return ruling.hint_ko if locale == "ko" else ruling.hint


def audit() -> list[str]:
    """Differences between the documented codes (codes.csv) and this mapping; empty when there are none."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        documented = {(row["call"], row["code"]): row["verdict"] for row in csv.DictReader(lines)}
    mapped = {(kind, code): str(r.verdict) for kind, codes in RULINGS.items() for code, r in codes.items()}
    return sorted(_differences(documented, mapped))


def _differences(documented: dict[tuple[str, str], str], mapped: dict[tuple[str, str], str]) -> Iterator[str]:
    for kind, code in documented.keys() | mapped.keys():
        theirs, ours = documented.get((kind, code)), mapped.get((kind, code))
        if ours is None:
            yield f"{kind} {code}: documented as {theirs}, not mapped"
        elif theirs is None:
            yield f"{kind} {code}: mapped as {ours}, not documented"
        elif theirs != ours:
            yield f"{kind} {code}: documented as {theirs}, mapped as {ours}"


def _find(code: str, *kinds: str) -> Ruling | None:
    return next((RULINGS[kind][code] for kind in kinds if code in RULINGS[kind]), None)
