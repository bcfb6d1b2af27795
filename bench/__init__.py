"""Side-by-side benchmarks: the thing and its floor in the same run, judged by their ratio. One file a scenario."""
