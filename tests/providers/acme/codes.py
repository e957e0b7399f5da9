"""Acme's codes → what they say about the money. `codes.csv` lists what Acme documents; `audit()` compares."""

import csv
from dataclasses import dataclass
from pathlib import Path

from webapp.domain.reasons import Reason, RefusalKind, Verdict

TABLE = Path(__file__).with_name("codes.csv")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one code is read; final only with its own HTTP status. `hint` and `hint_ko` are for the merchant."""

    http: int
    verdict: Verdict
    reason: Reason
    hint: str
    hint_ko: str
    kind: RefusalKind = RefusalKind.DECLINED
    #: A person has to be told: the shop can't take money until somebody acts.
    alarming: bool = False


UNLISTED = Ruling(0, Verdict.UNKNOWN, Reason.UNKNOWN, "", "", alarming=True)

_AGAIN = ("The buyer can simply try again.", "구매자가 다시 시도하면 됩니다.")
_CARD = ("The buyer can try another card.", "구매자가 다른 카드를 쓸 수 있습니다.")
_KEY = ("Check the Acme keys.", "Acme 키를 확인하세요.")
_WAIT = ("Nothing to do: the shop asks Acme again by itself.", "기다리세요. 쇼핑몰이 다시 조회합니다.")

_LOOK_UP = Ruling(409, Verdict.UNKNOWN, Reason.UNKNOWN, *_WAIT)

RULINGS: dict[str, Ruling] = {
    "declined": Ruling(402, Verdict.FINAL, Reason.DECLINED, *_CARD),
    "expired": Ruling(410, Verdict.FINAL, Reason.EXPIRED, *_AGAIN, RefusalKind.EXPIRED),
    "unknown_payment": Ruling(404, Verdict.FINAL, Reason.UNKNOWN, *_KEY, RefusalKind.NOT_FOUND),
    "amount_differs": _LOOK_UP,
    "already_captured": _LOOK_UP,
    "nothing_left": _LOOK_UP,
    "busy": Ruling(503, Verdict.RETRY, Reason.PROVIDER_UNAVAILABLE, *_WAIT),
    "bad_key": Ruling(401, Verdict.UNKNOWN, Reason.SHOP_SETUP, *_KEY, RefusalKind.MISUSED, alarming=True),
    "left": Ruling(0, Verdict.UNKNOWN, Reason.CANCELED_BY_BUYER, *_AGAIN),
}


def reason_for_fail_url(code: str) -> Reason:
    """The buyer's text for what came back in the browser."""
    return RULINGS.get(code, UNLISTED).reason


def hint_for(code: str, locale: str) -> str:
    """What the merchant can do about a code, in `ko` or `en`; empty for an unlisted one."""
    ruling = RULINGS.get(code, UNLISTED)
    return ruling.hint_ko if locale == "ko" else ruling.hint


def audit() -> list[str]:
    """Differences between the documented codes and this mapping; empty when there are none."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        documented = {(row["code"], row["http"], row["verdict"]) for row in csv.DictReader(lines)}
    mapped = {(code, str(ruling.http), str(ruling.verdict)) for code, ruling in RULINGS.items()}
    return sorted(f"{code}: only one side has {verdict} with {http}" for code, http, verdict in documented ^ mapped)
