"""axe finds nothing on any page in any state, in both languages, on a phone and a computer, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.scenes import SCENES, Scene
from tests.browser.stage import LANGUAGES, Stage
from tests.browser.watched import watched_context
from tests.sandbox_server import RunningSandbox

COMPUTER, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def stage(_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("stage")
    with Stage(_sandbox, folder) as stage:
        yield stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_axe_finds_nothing(
    chromium: Browser, stage: Stage, scene: Scene, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    who = stage.person(scene.shop, language)
    spot = scene.reach(who)
    origins = [who.shop.origin, stage.sandbox.origin]
    # Still: colours that are half-way through a transition say nothing about the page.
    options = {"locale": LANGUAGES[language], "viewport": COMPUTER, "reduced_motion": "reduce"}
    with watched_context(chromium, origins, **options) as (context, watch):
        for status in {spot.status, *spot.errors} - {200}:
            watch.allow(f"status of {status} ")
        if scene.logged_in:
            who.sit_down(context)
        page = context.new_page()
        answer = page.goto(who.shop.origin + spot.path)
        assert answer
        assert answer.status == spot.status
        if spot.act:
            spot.act(page)
        assert page.locator("html").get_attribute("lang") == language
        found = _found(page)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        found += _found(page)
        page.emulate_media(color_scheme="dark")
        found += _found(page)
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if scene.shop == "troubled":
        caplog.clear()  # an accident on purpose may be logged as one
    assert found == []
    assert width[0] <= width[1], "wider than a phone"


def _found(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary']}" for each in violations for node in each["nodes"]
    ]
