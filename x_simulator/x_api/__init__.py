"""The X API v2: routes at the edge, responses made from the world, errors as X words them."""
