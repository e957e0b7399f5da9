"""What a webhook's body may be: encodings, hostile and misshapen JSON (FM-47 to FM-49).

Each body is rightly signed where the provider signs, so that only what is in it decides.
"""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.failures.deliveries import PROVIDERS, genuine, is_refused, raw, recorded, send, stored, told
from tests.shop_server import RunningShop
from webapp.db.alerts import Alert
from webapp.db.inbox import Event

CODECS = (
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"),
    *("cp949", "euc-kr", "iso2022_kr", "johab", "gb18030", "iso2022_jp_2"),
)
#: Ways to write a `é`, of which none is UTF-8.
WESTERN = ("latin-1", "cp850", "mac-roman", "cp437", "cp500", "cp037", "hp-roman8")
#: What stands where the text's `사주` stood.
WITHIN = {
    "overlong": b"\xc1\xa9",
    "half a surrogate pair": b"\xed\xa0\x80",
    "a surrogate pair in bytes": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond the last character": b"\xf5\x80\x80\x80",
    "a stray continuation": b"\x80",
    "ff": b"\xff",
    "a bare nul": b"\x00",
    "an escaped nul": b"\\u0000",
    "an escaped half surrogate": b"\\ud800",
}


def corpus(provider: str) -> dict[str, bytes]:
    """Thirty ways to write one good event that are not plain UTF-8 JSON."""
    text = json.dumps(genuine(provider, note="사주"), ensure_ascii=False)
    plain = text.encode()
    return {
        **{name: text.encode(name) for name in CODECS},
        **{name: text.replace("사주", "é").encode(name) for name in WESTERN},
        **{name: plain.replace("사주".encode(), inside) for name, inside in WITHIN.items()},
        "gzip": gzip.compress(plain),
        "zlib": zlib.compress(plain),
        "base64": base64.b64encode(plain),
        "form": b"payload=" + quote(text).encode(),
        "cut inside a character": plain[: plain.index("사".encode()) + 1],
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_47_only_utf_8_is_read_however_well_it_is_signed(shop: RunningShop, provider: str) -> None:
    bodies = corpus(provider)
    assert len(set(bodies.values())) >= 30
    for name, body in bodies.items():
        assert send(shop, provider, body).status_code == 400, name
    for coding in ("gzip", "br", "identity", ""):
        answer = send(shop, provider, raw(genuine(provider)), Content_Encoding=coding)
        assert answer.status_code == 400, coding
    assert stored(shop) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_47_the_bytes_decide_and_not_the_type_they_are_sent_as(shop: RunningShop, provider: str) -> None:
    for number, kind in enumerate(("text/plain", "application/json; charset=utf-16", "")):
        body = raw(
            genuine(provider, note="사주", **({"id": f"evt_typed{number}"} if provider == "stripe" else {"n": number}))
        )
        assert send(shop, provider, body, Content_Type=kind).status_code == 200, kind
    assert len(stored(shop)) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_48_hostile_json_is_refused_though_signed(shop: RunningShop, provider: str) -> None:
    good = raw(genuine(provider))
    tails = {
        "a key twice": b'"note":1,"note":2}',
        "a hundred thousand deep": b'"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "thirty-three deep": b'"note":' + b"[" * 33 + b"]" * 33 + b"}",
        "five thousand digits": b'"note":' + b"9" * 5000 + b"}",
        "NaN": b'"note":NaN}',
        "Infinity": b'"note":-Infinity}',
        "1e400": b'"note":1e400}',
        "a million digits behind the point": b'"note":0.' + b"1" * 100_000 + b"}",
        "a control character": b'"note":"\x01"}',
        "a comment": b'"note":1 /* x */}',
        "a comma too many": b'"note":1,}',
        "more after the end": b'"note":1}{}',
        "unclosed": b'"note":"',
    }
    for name, tail in tails.items():
        assert send(shop, provider, good[:-1] + b"," + tail).status_code == 400, name
    for body in (b"", b" ", b"{", b"nul", b"'{}'"):
        assert send(shop, provider, body).status_code == 400, body
    assert send(shop, provider, good[:-1] + b',"note":"' + b"x" * 1_000_000 + b'"}').status_code == 413
    assert stored(shop) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_48_names_that_mean_something_elsewhere_mean_nothing_here(shop: RunningShop, provider: str) -> None:
    odd = {"__proto__": {"livemode": True}, "constructor": {"prototype": 1}, "__class__": "x", "$ref": "#"}
    assert send(shop, provider, raw(genuine(provider, **odd))).status_code == 200
    assert len(stored(shop)) == 1
    assert told(shop) == 0


Path = tuple[str | int, ...]

#: Members of a Stripe event whose absence or other type makes it unintelligible, or written for somebody else.
TELLING: set[Path] = {
    *(("id",), ("type",), ("livemode",), ("api_version",), ("data",), ("data", "object")),
    *(("data", "object", "object"), ("data", "object", "id")),
}


def paths(value: object, here: Path = ()) -> Iterator[Path]:
    """Where every member of this value is, the outer ones first."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*here, name)
        yield from paths(inner, (*here, name))


def changed_at(event: Any, path: Path, *, to: object = None) -> dict[str, Any]:
    """A copy without the member at this path, or with `to` in its place."""
    copy = json.loads(json.dumps(event))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    if to is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    found: dict[str, Any] = copy
    return found


def doubled_at(event: Any, path: Path) -> bytes:
    """The event with one member written twice."""
    mark = "doubled-here"
    holder = event
    for step in path[:-1]:
        holder = holder[step]
    again = {**holder, mark: holder[path[-1]]}
    text = json.dumps(changed_at(event, path[:-1], to=again) if path[:-1] else again)
    return text.replace(f'"{mark}"', json.dumps(path[-1])).encode()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_49_every_member_of_a_recorded_event_deleted_retyped_or_doubled(shop: RunningShop, provider: str) -> None:
    order_id, event = recorded(shop, provider)
    before = shop.order(order_id), len(shop.mails()), len(shop.rows("SELECT id FROM payments"))
    taken = len(stored(shop))
    for number, path in enumerate(paths(event)):
        for kind, to in (("deleted", None), ("retyped", [7]), ("number", 2**63)):
            body = raw(own(changed_at(event, path, to=to), provider, f"{kind}{number}", path))
            forget_alerts(shop)
            answer = send(shop, provider, body)
            if provider == "toss" and path == ("eventType",):
                assert answer.status_code == 400, "none of Toss's envelopes"
                continue
            assert (answer.status_code, answer.json()) == (200, {"success": True}), (kind, path)
            taken += 1
            assert last_body(shop) == kept(body), "kept as it came, but for what a browser pays with"
            assert told(shop) == (provider == "stripe" and path in TELLING), (kind, path)
        if isinstance(path[-1], str):
            assert send(shop, provider, doubled_at(event, path)).status_code == 400, path
    assert len(stored(shop)) == taken
    for _ in range(4):
        shop.work()
        shop.advance(70)
    assert (shop.order(order_id), len(shop.mails()), len(shop.rows("SELECT id FROM payments"))) == before
    assert shop.rows("SELECT id FROM jobs WHERE state = 'dead'") == []


def own(event: dict[str, Any], provider: str, number: str, path: Path) -> dict[str, Any]:
    """With an id of its own, so that it is not taken for a repeat, unless the id itself was changed."""
    return event if provider == "toss" or path == ("id",) else event | {"id": f"evt_{number}"}


def forget_alerts(shop: RunningShop) -> None:
    with shop.db() as session:
        session.query(Alert).delete()


def kept(body: bytes) -> str:
    """What the table holds of it: everything but client secrets that are texts."""
    return re.sub(r'"pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+"', "null", body.decode())


def last_body(shop: RunningShop) -> str:
    with shop.db() as session:
        newest = session.query(Event).order_by(Event.id.desc()).first()
        assert newest is not None
        return newest.body


@pytest.mark.parametrize("body", [[], [genuine("stripe")], "payment_intent.succeeded", None, 7, True, {}])
def test_fm_49_signed_json_that_is_no_event_is_kept_and_parked_and_a_person_is_told(
    shop: RunningShop, body: object
) -> None:
    assert send(shop, "stripe", raw(body)).status_code == 200
    assert send(shop, "stripe", raw(body)).status_code == 200
    shop.work()
    (row,) = stored(shop)
    assert (row["kind"], row["outcome"]) == ("unreadable", "ignored")
    assert last_body(shop) == kept(raw(body))
    assert [(a["kind"], a["object_id"]) for a in shop.rows("SELECT kind, object_id FROM alerts")] == [
        ("odd_event", "stripe unreadable")
    ]
    assert shop.sandbox.ledger()["calls"] == []


def test_fm_49_the_same_oddity_in_other_news_is_one_alert_that_counts(shop: RunningShop) -> None:
    for number in range(3):
        assert send(shop, "stripe", raw([number])).status_code == 200
        assert send(shop, "stripe", raw([number])).status_code == 200, "a repeat is no news"
    assert [row["times"] for row in shop.rows("SELECT times FROM alerts")] == [3]


@pytest.mark.parametrize("body", [[], [genuine("toss")], "PAYMENT_STATUS_CHANGED", None, 7, True, {}])
def test_fm_49_unsigned_json_that_is_no_event_is_not_kept(shop: RunningShop, body: object) -> None:
    assert is_refused(send(shop, "toss", raw(body)), "MALFORMED")
    assert stored(shop) == []
