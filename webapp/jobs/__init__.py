"""Work promised by a commit, done by `flask worker`."""
