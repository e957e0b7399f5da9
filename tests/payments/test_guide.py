"""The setup guide's own page, and where it is served."""

import re
from pathlib import Path

from tests.conftest import ROOT, MakeShop
from tests.shop_server import RunningShop
from webapp.web.guide import snippet


def test_the_snippets_are_cut_out_byte_for_byte() -> None:
    document = Path(ROOT / "docs" / "level-7-setup-guide.md").read_text("utf-8")

    for section in ("1.5", "1.6", "2.5"):
        assert f"```javascript\n{snippet(section)}```" in document
    assert "requestPayment('카드'" in snippet("1.5")
    assert "urlParams.get('paymentKey')" in snippet("1.6")


def test_the_page_runs_the_snippet_as_printed_and_supplies_two_names(sqlite_shop: RunningShop) -> None:
    page = sqlite_shop.browse().get("/sandbox/guide/1.5").text

    assert snippet("1.5") in page
    assert set(re.findall(r"const (\w+) = ", page)) >= {"clientKey", "accessToken"}
    assert "/toss/v1/payment" in page


def test_a_shop_with_keys_has_no_guide(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, TOSS_CLIENT_KEY="test_ck_lookalike0", TOSS_SECRET_KEY="test_sk_lookalike0")

    assert shop.browse().get("/sandbox/guide").status_code == 404
