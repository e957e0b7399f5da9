"""Acme Pay played offline."""

from webapp.providers.acme.emulator.emulator import AcmeEmulator
from webapp.sandbox.shell import Sandbox


def build(sandbox: Sandbox) -> AcmeEmulator:
    """The emulator, ready to be served by the sandbox."""
    return AcmeEmulator(sandbox)
