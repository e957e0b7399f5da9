"""Stripe played offline, from its public documentation alone."""

from webapp.providers.stripe.emulator.emulator import StripeEmulator
from webapp.sandbox.shell import Sandbox


def build(sandbox: Sandbox) -> StripeEmulator:
    """The emulator, ready to be served by the sandbox."""
    return StripeEmulator(sandbox)
