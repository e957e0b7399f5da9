"""Named places where a process can be made to die, so that a test can ask what is true afterwards.

Disarmed, `failpoint()` costs one comparison. `FAILPOINT=confirm.sent:2` kills the process with
SIGKILL at the second passage; production refuses to start with it. A simulation installs its own hook.
"""

import os
import signal
from collections.abc import Callable

_hook: Callable[[str], None] | None = None


def failpoint(name: str) -> None:
    """Pass the named place; returns unless somebody armed it."""
    if _hook is not None:
        _hook(name)


def install(hook: Callable[[str], None] | None) -> None:
    """Call `hook` with the name at every passage; None disarms."""
    global _hook  # noqa: PLW0603 (one process, one hook: that is what arming means)
    _hook = hook


def arm(spec: str) -> None:
    """Arm `name` or `name:nth`: the nth passage (first by default) kills the process with SIGKILL."""
    name, _, nth = spec.partition(":")
    left = int(nth or "1")

    def die(passed: str) -> None:
        nonlocal left
        if passed != name:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    install(die)
