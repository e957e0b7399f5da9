"""Every text exists, in both languages, and claims no more than we know."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from tests.tooling.join_words import join
from webapp.domain.failures import Failure, all_failures
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.services.history import GROUPS, Group
from webapp.services.timeline import Step
from webapp.web.failure_texts import FAILURE_TEXTS, failure_text
from webapp.web.presentation import init_presentation
from webapp.web.texts import GROUP_WORDS, REASON_TEXTS, STATUS_TONES, STATUS_WORDS, STEP_WORDS

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "webapp/translations"
PO = TRANSLATIONS / "ko/LC_MESSAGES/messages.po"
HANGUL = re.compile(r"[가-힣]")
SAME_IN_KOREAN = {"Stripe"}
PLACE = re.compile(r"%\((\w+)\)s")
SOUND = re.compile(r"%\(\w+\)s(?:이|가|을|를|은|는|과|와|으로|로|이?라면|이에요|예요)(?![가-힣])")


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code and the templates ask for, collected now."""
    pot = tmp_path_factory.mktemp("texts") / "messages.pot"
    collect = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--omit-header"]
    subprocess.run([*collect, "-F", TRANSLATIONS / "babel.cfg", "-o", pot, "."], cwd=ROOT, check=True)
    with pot.open("rb") as lines:
        return read_po(lines)


@pytest.fixture(scope="module")
def korean() -> Catalog:
    with PO.open("rb") as lines:
        return read_po(lines, locale="ko")


def test_every_text_has_a_korean_translation(wanted: Catalog, korean: Catalog) -> None:
    known = {message.id for message in korean if message.string}
    missing = sorted(str(message.id) for message in wanted if message.id and message.id not in known)
    assert len(wanted) > 100, "the collection found next to nothing"
    assert not missing, "translate these, see `make texts`:\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_fuzzy_or_left_over(wanted: Catalog, korean: Catalog) -> None:
    assert [message.id for message in korean if message.id and message.fuzzy] == []
    assert [message.id for message in korean if message.id and message.id not in wanted] == []
    assert not korean.obsolete


def test_translations_are_korean_and_keep_their_places(korean: Catalog) -> None:
    for message in korean:
        if message.id and message.id not in SAME_IN_KOREAN:
            assert HANGUL.search(str(message.string)), message.id
            assert set(PLACE.findall(str(message.id))) == set(PLACE.findall(str(message.string))), message.id


def test_no_line_breaks_inside_what_is_read_as_one_word(korean: Catalog) -> None:
    for message in korean:
        for text in message.string if isinstance(message.string, tuple) else (str(message.string),):
            assert text == join(text), f"{message.id}: run `make texts`"
    assert join("할 수 있어요") == join(join("할 수 있어요")) == "할\u00a0수\u00a0있어요"
    assert join('"할 수 "\n"없어요"') == '"할\u00a0수\u00a0"\n"없어요"'
    assert join("수 많은") == "수 많은"
    assert join("이 주문은 이 주소로") == "이\u00a0주문은 이\u00a0주소로"
    assert join("원하실 때 다시") == "원하실\u00a0때 다시"
    assert join("금액이 달라요") == "금액이 달라요"


def test_no_particle_hangs_on_what_is_filled_in(korean: Catalog) -> None:
    """이 or 가, 을 or 를: the right one depends on the word's end, which is only known when it is filled in."""
    for message in korean:
        assert not SOUND.search(str(message.string)), message.id
    assert SOUND.search("%(meant)s라면")
    assert not SOUND.search("%(meant)s 주소라면")


def test_what_is_shipped_is_what_is_written(korean: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, korean)
    assert PO.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run `make texts`"


def test_every_status_reason_failure_and_step_has_its_words() -> None:
    assert set(STATUS_WORDS) == set(STATUS_TONES) == set(PaymentStatus)
    assert set(REASON_TEXTS) == set(Reason)
    assert {failure.code for failure in all_failures()} | {Failure.code} == set(FAILURE_TEXTS)
    assert set(STEP_WORDS) == set(Step)
    assert set(GROUP_WORDS) == set(GROUPS) == set(Group)
    assert {status for group in GROUPS.values() for status in group} == set(PaymentStatus)


def test_a_failure_without_words_of_its_own_gets_the_general_ones() -> None:
    class Brand(Failure):
        code = "BRAND_NEW"

    assert failure_text(Brand()) is FAILURE_TEXTS["FAILURE"]


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_blames_nobody_and_says_nothing_about_the_money(reason: Reason, locale: str) -> None:
    app = Flask("webapp")
    init_presentation(app)
    words = REASON_TEXTS[reason]
    with app.app_context(), force_locale(locale):
        text = f"{words.title} {words.text} {words.next_step}".lower()
    assert not re.search(r"stolen|lost|fraud|suspici|분실|도난|사기|의심", text)
    assert not re.search(r"nothing was (charged|taken)|been charged|결제된 금액은 없", text)
