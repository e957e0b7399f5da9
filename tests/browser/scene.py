"""What a scene is: one page in one state, how it is reached, and where it is then."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.stage import Person


@dataclass(frozen=True)
class Spot:
    """Where a scene is: the address, its HTTP status, and what is done there before it is looked at.

    `errors` are other statuses that belong to the scene: a script that can't be had, a form that is refused;
    `noise` is what else the browser may write to its console.
    """

    path: str
    status: int = 200
    act: Callable[[Page], None] | None = None
    errors: tuple[int, ...] = ()
    noise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """One state of one page; `reach` makes it true for a person and says where to look."""

    name: str
    reach: Callable[[Person], Spot]
    shop: str = "usual"
    logged_in: bool = True


SCENES: list[Scene] = []

Reach = Callable[[Person], Spot]


def scene(name: str, *, shop: str = "usual", logged_in: bool = True) -> Callable[[Reach], Reach]:
    """Add the function to the scenes."""

    def add(reach: Reach) -> Reach:
        SCENES.append(Scene(name, reach, shop, logged_in))
        return reach

    return add
