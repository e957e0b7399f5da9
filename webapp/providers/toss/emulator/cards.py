"""The sandbox's test cards. Toss has none of its own: in its test mode a real card is entered."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["paid", "declined", "no_funds", "rejected", "closed", "three_d", "confirm_silent", "confirm_500"]


@dataclass(frozen=True)
class TestCard:
    """A number and what happens to whoever enters it."""

    __test__ = False

    number: str
    outcome: Outcome
    korean: str
    english: str

    @property
    def spaced(self) -> str:
        """The number in groups of four."""
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))

    @property
    def masked(self) -> str:
        """As Toss shows it."""
        return f"{self.number[:8]}****{self.number[12:15]}*"


TEST_CARDS = (
    TestCard("4500990000000086", "paid", "결제 성공", "paid"),
    TestCard("4500990000001007", "declined", "승인 시 카드사 거절", "declined at confirm"),
    TestCard("4500990000002005", "no_funds", "승인 시 한도·잔액 부족", "limit or balance too low at confirm"),
    TestCard("4500990000003003", "rejected", "인증 단계에서 카드사 거절", "rejected while authenticating"),
    TestCard("4500990000004001", "closed", "구매자가 결제창을 닫음", "the buyer closes the window"),
    TestCard("4500990000005008", "three_d", "3-D 추가 인증 화면", "3-D Secure page: pass, fail or abandon"),
    TestCard("4500990000006006", "confirm_silent", "결제되지만 승인 응답 없음", "charged, no answer"),
    TestCard("4500990000007004", "confirm_500", "결제되지만 승인 응답 500", "charged, answers 500"),
)

_BY_NUMBER = {card.number: card for card in TEST_CARDS}


def find_card(number: str) -> TestCard | None:
    """The test card with this number, blanks and dashes ignored."""
    return _BY_NUMBER.get("".join(sign for sign in number if sign.isdigit()))
