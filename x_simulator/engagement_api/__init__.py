"""The Enterprise Engagement API of the invented X."""
