"""The X Ads API: its endpoints, its refusals, and what its answers mean."""
