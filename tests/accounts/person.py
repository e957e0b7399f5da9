"""A person with an account at the shop: her browsers, her letters and the links in them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import urlsplit

import requests

from tests.shop_server import PASSWORD, Browsing, RunningShop

NEW_PASSWORD = "a cat on a warm roof"

ANDROID = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


class Person:
    """Somebody who signed up by the form with `email`, in Korean unless told otherwise."""

    def __init__(self, shop: RunningShop, email: str, *, language: str = "ko-KR", password: str = PASSWORD) -> None:
        self.shop, self.email = shop, email
        self.web = shop.browse(None)
        self.web.http.headers["Accept-Language"] = language
        answer = self.web.submit("/signup", "/signup", email=email, password=password)
        assert answer.status_code == 303, answer.text

    def at(self, user_agent: str = ANDROID, password: str = PASSWORD) -> Browsing:
        """Another browser in which she logs in."""
        web = self.shop.browse(None)
        web.http.headers["User-Agent"] = user_agent
        answer = web.submit("/login", "/login", email=self.email, password=password)
        assert answer.status_code == 303, answer.text
        return web


def is_in(web: Browsing) -> bool:
    """Whether this browser is logged in."""
    return web.get("/account").status_code == 200


def letters(shop: RunningShop, to: str | None = None) -> list[EmailMessage]:
    """Work, then read every mail that has left, oldest first; those to one address when it is named."""
    shop.work()
    sent = {path.stem: path for path in shop.outbox.glob("*.eml")}
    found = [
        message_from_bytes(sent[row["id"]].read_bytes(), policy=default) for row in shop.mails() if row["id"] in sent
    ]
    return [letter for letter in found if to is None or letter["To"] == to]


def words(letter: EmailMessage, part: str = "plain") -> str:
    body = letter.get_body((part,))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage) -> str:
    """The path of the account link in a letter; both parts have the same one."""
    pattern = r"https?://[^\s\"<]+/(?:account|password)/(?:confirm|change|reset)/[^\s\"<]+"
    (address,) = set(re.findall(pattern, words(letter)))
    assert address in words(letter, "html")
    return str(urlsplit(address).path)


def press(web: Browsing, path: str, **fields: str) -> requests.Response:
    """Press the button on the page of a link."""
    return web.submit(path, path, **fields)
