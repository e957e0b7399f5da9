"""What may be wrong with this shop: looked at one by one, each with what to do. Shows no secret, moves no money."""

from webapp.doctor.inside import inside
from webapp.doctor.line import Level, Line
from webapp.doctor.outside import outside
from webapp.wiring import Wiring


def examine(wired: Wiring) -> list[Line]:
    """Every finding, good ones too; asks the database, both providers, the mail server and the shop's own address."""
    return [*inside(wired), *outside(wired)]


__all__ = ["Level", "Line", "examine"]
