"""What is true about money here. Standard library only."""
