"""Python runs this before anything else in a child process whose PYTHONPATH names this folder."""

from tests.tooling.sockets import close_for_good

close_for_good()
