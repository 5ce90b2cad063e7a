"""What a sync asks of X and what that costs: counted, priced, limited and told."""
