"""What can go wrong while money moves, each case by its number, on both databases."""
