"""The Ads API (version 12) of the invented X."""
