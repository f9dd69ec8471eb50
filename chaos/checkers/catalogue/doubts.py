"""What makes many guarantees unknown alike."""

EXPLAIN_RULE = (
    "a write that only states older than 10 s explain, or only the loss of an answer to the controller, and nothing excuses; a "
    "deletion whose author cannot be told; a set of type Recreate whose controller's gate is off; a controller before 1.26.7"
)
"""What leaves a guarantee of the explain rule open."""
