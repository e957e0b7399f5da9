"""Passwords: what is asked of one, and whether one is right."""

import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.domain.failures import Invalid, WrongCredentials

MIN_PASSWORD = 12
MAX_PASSWORD = 200

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """What is checked when there is no such user, so that the answer takes as long as for one."""
    return _hasher.hash("nobody has this password")


#: A repeated "aaaaaaaaaaaa" or "121212121212" has no more than this many different characters.
_FEW = 4
#: Rows of the keyboard and of the alphabet, which a guesser walks first, forwards and backwards.
_ROWS = ("0123456789" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
#: What people take when a password has to be long; digits and marks around it make it no better.
_WORDS = """
password passwordpassword passw0rd p@ssw0rd p@ssword qwerty qwertyuiop qwertyqwerty iloveyou letmein welcome
administrator admin changeme football baseball basketball sunshine princess dragon monkey superman starwars whatever
trustno1 abcabc abcdef asdfasdf asdfghjkl 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwer1234 asdf1234 zxcvbnm mypassword
thepassword computer internet samsung korea seoul
"""
_COMMON = frozenset(_WORDS.split())


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def check_new_password(password: str, email: str) -> None:
    """Refuse a password that is too short, too long, or among the first that anybody would guess.

    Raises:
        Invalid: with `length` or `guessable` for the field `password`.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid("a password has 12 to 200 characters", {"password": "length"})
    if _is_guessable(password.lower(), email):
        raise Invalid("this password is easy to guess", {"password": "guessable"})


def _is_guessable(password: str, email: str) -> bool:
    if len(set(password)) <= _FEW or password in (email, email.partition("@")[0]):
        return True
    if any(password in row or password in row[::-1] for row in _ROWS):
        return True
    return re.sub(r"^[\d\W_]+|[\d\W_]+$", "", password) in _COMMON or password in _COMMON


def check_other_password(stored: str | None, new: str) -> None:
    """Refuse the password that the account has already: it would only seem to be changed.

    Raises:
        Invalid: with `same` for the field `password`.
    """
    try:
        verify_password(stored, new)
    except WrongCredentials:
        return
    raise Invalid("this is the password already", {"password": "same"})


def verify_password(stored: str | None, password: str) -> None:
    """Let the right password pass; takes as long when there is nothing to compare with.

    Raises:
        WrongCredentials: another one.
    """
    nobody = _nobody()  # asked for either way: the first answer of a process tells no more than the others
    try:
        _hasher.verify(stored or nobody, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        raise WrongCredentials from None
    if not stored:
        raise WrongCredentials
