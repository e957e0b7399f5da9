"""What the tests stand on: a browser, a PostgreSQL server and a closed network, found or provided."""
