"""Speed and memory of the connector, measured as ratios to a reference in the same run."""
