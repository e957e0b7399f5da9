"""HTML: a form or a query goes to one service, what comes back goes to a template."""
