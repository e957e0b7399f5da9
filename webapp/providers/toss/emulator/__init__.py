"""Toss Payments played offline, from its public documentation alone."""

from webapp.providers.toss.emulator.emulator import TossEmulator
from webapp.sandbox.shell import Sandbox


def build(sandbox: Sandbox) -> TossEmulator:
    """The emulator, ready to be served by the sandbox."""
    return TossEmulator(sandbox)
