"""How far each stream has come, account by account: what was read, what is missing, and how that travels as state."""
