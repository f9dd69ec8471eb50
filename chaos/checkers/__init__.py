"""Pure folds over a history: from what was recorded to what was proven."""
