"""JSON: the calls of the guide, with bearer tokens. Cookies are ignored here, tokens are ignored on pages."""
