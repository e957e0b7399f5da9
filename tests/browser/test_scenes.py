"""No page without a picture: every route that answers GET has a scene, or says why it has none."""

from tests.browser.routes import NO_PAGE, SHOWN, endpoint_of, get_endpoints
from tests.browser.scenes import SCENES
from tests.shop_server import RunningShop


def test_every_page_has_a_scene(sqlite_shop: RunningShop) -> None:
    assert get_endpoints(sqlite_shop.app) == {*SHOWN, *NO_PAGE}
    assert set(SHOWN) & set(NO_PAGE) == set()


def test_the_scenes_are_there_once_each() -> None:
    names = [scene.name for scene in SCENES]

    assert sorted(names) == sorted(set(names))
    assert set(SHOWN.values()) - set(names) == set()


def test_a_scene_belongs_to_the_route_that_answers_it(sqlite_shop: RunningShop) -> None:
    assert endpoint_of(sqlite_shop.app, "/payments?cursor=x") == "payments.index"
    assert endpoint_of(sqlite_shop.app, "/login") == "accounts.login"
