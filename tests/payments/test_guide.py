"""The setup guide's own page, and where it is served."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, MakeShop
from tests.shop_server import BUYER, RunningShop
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


@pytest.mark.parametrize(
    "section, amount, currency", [("1.4", 13000, "KRW"), ("2.4", 1000, "USD")], ids=["toss", "stripe"]
)
def test_the_printed_curl_line_works_as_printed(
    sqlite_shop: RunningShop, section: str, amount: int, currency: str
) -> None:
    document = Path(ROOT / "docs" / "level-7-setup-guide.md").read_text("utf-8")
    printed = document.split(f"### {section} ", 1)[1].split("```bash\n", 1)[1].split("```", 1)[0]
    command = printed.replace("http://localhost:3000", sqlite_shop.origin)
    command = command.replace("YOUR_ACCESS_TOKEN", sqlite_shop.token())

    done = subprocess.run(["bash", "-c", f"exec {command}"], capture_output=True, check=True, timeout=30)

    told = json.loads(done.stdout)
    shown = document.split(f"### {section} ", 1)[1].split("```json\n", 1)[1].split("```", 1)[0]
    assert set(json.loads(shown)) <= set(told)
    assert (told["success"], told["amount"], told["currency"]) == (True, amount, currency)
    assert re.fullmatch(r"ord_[A-Za-z0-9_-]{22,36}", told["orderId"])


def test_a_shop_with_keys_has_no_guide(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, TOSS_CLIENT_KEY="test_ck_lookalike0", TOSS_SECRET_KEY="test_sk_lookalike0")

    assert shop.browse().get("/sandbox/guide").status_code == 404


def test_the_demo_delivers_by_itself_in_the_sandbox(sqlite_shop: RunningShop) -> None:
    assert sqlite_shop.app.test_cli_runner().invoke(args=["catalog", "seed"]).exit_code == 0
    created, buyer = sqlite_shop.create(), sqlite_shop.browse()
    path = f"/sandbox/readings/{created['orderId']}"
    assert sqlite_shop.browse(None).get(path).status_code == 404, "not paid"

    buyer.back(sqlite_shop.authenticated(created))
    (link,) = re.findall(r'href="([^"]*/readings/[^"]*)"', buyer.get(f"/payments/{created['orderId']}").text)
    assert link == f"{sqlite_shop.wiring.settings.public_url}{path}"
    shown = sqlite_shop.browse(None).get(path, headers={"Accept-Language": "en"})
    assert shown.status_code == 200
    assert "Premium Four Pillars Reading" in shown.text
    assert BUYER not in shown.text
