"""ControllerRevisions: that each holds a template, that none is made in vain, and which of them are dropped (S14, S40-S46)."""
