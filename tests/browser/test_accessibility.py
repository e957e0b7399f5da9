"""Every page in every state, in both languages: axe finds nothing on a phone and a computer, light and dark; it can be
read at 400 %; it weighs little; nothing moves by itself; no form is sent twice; and it is the page that the scene says
it is. And every route, in its usual state, can be used with scripts switched off."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.browser.measures import DEAD, PAGE_BYTES, SHIFT, TWICE, WATCH, narrow_faults, own_bytes, shift, shown
from tests.browser.routes import SHOWN, endpoint_of
from tests.browser.scenes import SCENES, Scene
from tests.browser.stage import LANGUAGES, ZONES, Stage
from tests.browser.watched import watched_context
from tests.sandbox_server import RunningSandbox

#: Here the reader's own press moves things, but in a provider's frame, where browsers don't count it as hers.
MOVED_BY_HER = frozenset({"checkout-window-closed", "stripe-action-left"})

COMPUTER, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def stage(_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("stage")
    with Stage(_sandbox, folder) as stage:
        yield stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_reader_can_use_it(
    chromium: Browser, stage: Stage, scene: Scene, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    who = stage.person(scene.shop, language)
    spot = scene.reach(who)
    origins = [who.shop.origin, stage.sandbox.origin]
    # It opens on a phone in Korean and on a computer in English: what moves while it loads is seen on both.
    sizes = (PHONE, COMPUTER) if language == "ko" else (COMPUTER, PHONE)
    # Still: colours that are half-way through a transition say nothing about the page.
    place = {"locale": LANGUAGES[language], "timezone_id": ZONES[language]}
    options = {**place, "viewport": sizes[0], "reduced_motion": "reduce"}
    with watched_context(chromium, origins, **options) as (context, watch):
        context.add_init_script(WATCH)
        for status in {spot.status, *spot.errors} - {200}:
            watch.allow(f"status of {status} ")
        for text in spot.noise:
            watch.allow(text)
        if scene.logged_in:
            who.sit_down(context)
        page = context.new_page()
        answer = page.goto(who.shop.origin + spot.path)
        assert answer
        assert answer.status == spot.status
        if spot.act:
            spot.act(page)
        assert page.locator("html").get_attribute("lang") == language
        moved, weight = shift(page), own_bytes(page)
        page.evaluate(AXE_SCRIPT)
        found = _found(page)
        page.set_viewport_size(sizes[1])  # type: ignore[arg-type]
        found += _found(page)
        page.emulate_media(color_scheme="dark")
        found += _found(page, "color-contrast")  # no other rule looks at what a scheme changes
        narrow, twice = narrow_faults(page), page.evaluate(TWICE)
    if scene.shop == "troubled":
        caplog.clear()  # an accident on purpose may be logged as one
    assert found == []
    assert narrow == []
    assert twice == []
    assert moved <= SHIFT or scene.name in MOVED_BY_HER
    assert len(weight) > 5
    assert sum(weight.values()) < PAGE_BYTES, shown(weight)
    if scene.name in SHOWN.values():
        assert SHOWN.get(endpoint_of(who.shop.app, spot.path)) == scene.name


def _found(page: Page, *rules: str) -> list[str]:
    """What axe, already in the page, says against it; by these rules, or by all of them."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    violations = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary']}" for each in violations for node in each["nodes"]
    ]


USUAL = [scene for scene in SCENES if scene.name in SHOWN.values()]


@pytest.mark.parametrize("scene", USUAL, ids=lambda scene: scene.name)
def test_every_page_can_be_used_with_scripts_switched_off(chromium: Browser, stage: Stage, scene: Scene) -> None:
    """It answers, leads on, and no button is dead; its state is the matter of a script, so it is not acted out."""
    who = stage.person(scene.shop, list(LANGUAGES)[USUAL.index(scene) % 2])
    spot = scene.reach(who)
    options: dict[str, Any] = {"viewport": PHONE, "java_script_enabled": False}
    with closing(chromium.new_context(**options)) as context:
        if scene.logged_in:
            who.sit_down(context)
        page = context.new_page()
        answer = page.goto(who.shop.origin + spot.path)
        assert answer
        assert answer.status == spot.status
        assert page.evaluate(DEAD) == []
        assert page.locator("main :is(a[href], form)").count() > 0
