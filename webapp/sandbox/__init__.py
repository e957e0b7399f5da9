"""Providers played offline, on an origin of their own. The app never imports this package."""

from webapp.sandbox.app import create_sandbox
from webapp.sandbox.config import SandboxConfig

__all__ = ["SandboxConfig", "create_sandbox"]
