"""What the system knows about running processes, read from /proc (Linux) or ps (elsewhere)."""

import subprocess


def _table() -> list[tuple[int, int, int]]:
    """(pid, parent, resident KiB) of every process but zombies."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return [(int(pid), int(parent), int(rss)) for pid, parent, rss, stat in rows if not stat.startswith("Z")]


def family(pid: int) -> dict[int, float]:
    """The process and all that descend from it: pid → resident memory in MiB."""
    table = _table()
    found = {pid}
    while grown := {child for child, parent, _ in table if parent in found} - found:
        found |= grown
    return {member: rss / 1024 for member, _, rss in table if member in found}


def alive(pids: set[int]) -> set[int]:
    """Those that still run."""
    return pids & {pid for pid, _, _ in _table()}
