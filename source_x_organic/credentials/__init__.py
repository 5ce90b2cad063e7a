"""The three ways to prove to X who is asking, and which account is read with which of them."""
