"""Everything between a request and a parsed answer: signing, waiting, retrying, classifying, redacting."""
