"""Mails: rendering and handing over."""
