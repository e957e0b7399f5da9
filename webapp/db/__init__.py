"""Tables and their queries, one noun a file. No Flask, no HTTP; rows stay below `services`."""
