"""Two programs that put X's data into DuckDB through PyAirbyte: a demonstration, and a sync of your own accounts."""
