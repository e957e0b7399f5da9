"""`make bench`: what the shop costs, each figure beside a bare one that was measured in the same run."""
