"""What leaves for the shop's own backend."""
