"""The streams as airbyte-cdk wants them: thin adapters between its partitions and the readings of each API."""
