"""What a sync had to cover, what it returned, and why the rest is missing: the stream `sync_coverage`."""
