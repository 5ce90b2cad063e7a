"""Daily figures from lifetime counters: what a post grew by between two snapshots, put on the days between them."""
