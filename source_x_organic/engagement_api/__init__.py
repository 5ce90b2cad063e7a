"""The Engagement API: what is asked, what its answers and its refusals mean."""
