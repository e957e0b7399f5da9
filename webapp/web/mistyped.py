"""A mail service's name with one slip in it: gmial.com. A guess, offered and never insisted on."""

#: Where most buyers have their mail; `data-known` on the field carries them to `static/js/mistyped.js`.
KNOWN = (
    "gmail.com", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com",
    "outlook.com", "hotmail.com", "icloud.com", "yahoo.com",
)  # fmt: skip
#: Services of their own that look like a slip.
GENUINE = ("mail.com", "email.com", "ymail.com", "nate.co.kr")


def suggest(email: str) -> str | None:
    """The address that was probably meant, or None: unknown services are nobody's slip."""
    name, _, domain = email.strip().rpartition("@")
    domain = domain.lower()
    if not name or domain in KNOWN or domain in GENUINE:
        return None
    meant = next((known for known in KNOWN if is_one_slip(domain, known)), None)
    return f"{name}@{meant}" if meant else None


def is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter too many, too few or wrong, or two that changed places, makes the difference."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    one, other = typed[start:], meant[start:]
    if not one and not other:
        return False
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:] and len(other) > 1
    return swapped or one[1:] == other or one == other[1:] or one[1:] == other[1:]
