"""Every page in every state that a person can meet."""

from tests.browser import (
    scenes_account,
    scenes_buying,
    scenes_design,
    scenes_faults,
    scenes_journey,
    scenes_refused,
    scenes_stripe,
)
from tests.browser.scene import SCENES, Scene

#: The modules whose scenes are in the list; importing them is what fills it.
PARTS = (scenes_account, scenes_buying, scenes_refused, scenes_stripe, scenes_design, scenes_faults, scenes_journey)

__all__ = ["PARTS", "SCENES", "Scene"]
