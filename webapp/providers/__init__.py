"""Everything that varies by provider, one folder each, and nothing else."""
