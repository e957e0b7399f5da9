"""The scenes of the pages for developers: the design system, and the reference of the JSON calls."""

from tests.browser.scene import Spot, scene
from tests.browser.stage import Person


@scene("design", logged_in=False)
def _design(_who: Person) -> Spot:
    return Spot("/design")


@scene("reference", logged_in=False)
def _reference(_who: Person) -> Spot:
    return Spot("/docs")
