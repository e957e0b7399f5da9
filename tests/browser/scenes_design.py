"""The scene of the design system's own page."""

from tests.browser.scene import Spot, scene
from tests.browser.stage import Person


@scene("design", logged_in=False)
def _design(_who: Person) -> Spot:
    return Spot("/design")
