"""Side-by-side ratios against peers, alternated in one run: `python -m benchmarks`."""
