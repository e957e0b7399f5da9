"""Keeps on one line what is read as one word: 할 수 있어요 must not break before 있어요, nor 이 주문 after 이.

`make texts` runs it on the catalogue; whoever writes a text types a plain space.
"""

import re
import sys
from pathlib import Path

NO_BREAK = "\u00a0"
#: The catalogue's own line may end between the two. A word before 수 or 때 belongs to it; 이 by itself means "this".
_PAIR = re.compile(
    r"""(?<=[가-힣])\ (?=수[ \u00a0]("\n")?[있없]) | (?<=[\ \u00a0]수)\ (?=("\n")?[있없])
    | (?<=[가-힣])\ (?=때(?:["\ \u00a0]|\Z))
    | (?: (?<=["\ \u00a0]이) | (?<=\A이) )\ (?=("\n")?[가-힣])""",
    re.VERBOSE,
)


def join(text: str) -> str:
    """The catalogue with a no-break space inside each pair."""
    return _PAIR.sub(NO_BREAK, text)


def main() -> None:
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(join(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
