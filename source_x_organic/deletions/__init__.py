"""Which tweets have been deleted: told from their absence, and what is kept of them."""
