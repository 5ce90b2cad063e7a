"""X API v2: its endpoints, its fields in both dialects, and what its answers mean."""
