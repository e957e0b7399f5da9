"""Photographs every page in every state, in Korean and English, on a phone and a computer, light and dark.

make screenshots            all of them, into screenshots/, with an index.html to leaf through
python -m tests.browser.screenshots checkout payment-completed      those whose names start so
"""

import html
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.scenes import SCENES, Scene
from tests.browser.stage import LANGUAGES, ZONES, Stage
from tests.sandbox_server import RunningSandbox
from tests.tooling.browser import guard_network, launch
from tests.tooling.house import ROOT
from tests.tooling.sockets import block_network

# The width of a phone without its touch: that would send the payment window to a page of its own.
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
FOLDER = ROOT / "screenshots"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(wanted: Sequence[str]) -> int:
    """Take the pictures of all scenes, or of those named by how they start; the exit status."""
    scenes = [scene for scene in SCENES if not wanted or scene.name.startswith(tuple(wanted))]
    if not scenes:
        print(f"No scene starts with {' or '.join(wanted)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    logging.disable(logging.ERROR)  # some scenes are accidents, and the shop says so
    with (
        block_network(),
        tempfile.TemporaryDirectory() as folder,
        RunningSandbox(hold_s=3) as sandbox,
        Stage(sandbox, Path(folder)) as stage,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for number, scene in enumerate(scenes, 1):
            taken = list(_shoot(browser, stage, scene))
            print(f"{number:3} of {len(scenes)}  {scene.name}: {len(taken)} pictures", flush=True)
        browser.close()
    index = _write_index()
    print(f"Look at {index}")
    return 0


def _shoot(browser: Browser, stage: Stage, scene: Scene) -> Iterator[str]:
    for language in LANGUAGES:
        for size, options in SIZES.items():
            # Somebody new each time: what a scene does on its page can be done once.
            who = stage.person(scene.shop, language)
            spot = scene.reach(who)
            place = {"locale": LANGUAGES[language], "timezone_id": ZONES[language]}
            context = browser.new_context(reduced_motion="reduce", **{**options, **place})
            with guard_network(context, [who.shop.origin, stage.sandbox.origin]):
                if scene.logged_in:
                    who.sit_down(context)
                page = context.new_page()
                page.goto(who.shop.origin + spot.path)
                if spot.act:
                    spot.act(page)
                yield from _both_schemes(page, f"{scene.name}.{language}.{size}")
            context.close()


def _both_schemes(page: Page, name: str) -> Iterator[str]:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        file = f"{name}.{scheme}.png"
        page.screenshot(path=FOLDER / file, full_page=True, animations="disabled")
        yield file


def _write_index() -> Path:
    """A page with all pictures that are in the folder, one row for each scene."""
    rows = []
    for scene in SCENES:
        pictures = sorted(FOLDER.glob(f"{scene.name}.*.png"))
        if not pictures:
            continue
        shown = "".join(
            f'<a href="{html.escape(picture.name)}"><img loading="lazy" src="{html.escape(picture.name)}" '
            f'alt="{html.escape(picture.stem)}" title="{html.escape(picture.stem)}"></a>'
            for picture in pictures
        )
        rows.append(f"<h2>{html.escape(scene.name)}</h2><div>{shown}</div>")
    index = FOLDER / "index.html"
    index.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title><style>'
        "body{font:16px system-ui;margin:2rem}div{display:flex;flex-wrap:wrap;gap:1rem;align-items:start}"
        "img{width:15rem;border:1px solid #ccc}</style><h1>Screenshots</h1>" + "".join(rows) + "</html>\n",
        "utf-8",
    )
    return index


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
