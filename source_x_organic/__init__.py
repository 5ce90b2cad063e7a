"""Organic X (Twitter) data for Airbyte: accounts, tweets and what each tweet earned."""

from source_x_organic.source import SourceXOrganic

__all__ = ["SourceXOrganic"]
