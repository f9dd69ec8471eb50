"""What makes many guarantees unknown alike."""

EXPLAIN_RULE = (
    "a write that only states older than 10 s explain and nothing excuses; a deletion whose author cannot be told; a set that is "
    "Parallel, or has minReadySeconds, maxUnavailable above 1 or a claim retention policy"
)
"""What leaves a guarantee of the explain rule open."""
