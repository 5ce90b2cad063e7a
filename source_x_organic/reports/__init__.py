"""The daily report, whatever API it comes from: local days, what to ask for, and what is remembered of it."""
