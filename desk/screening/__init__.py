"""Many symbols watched, few looked at: a cheap score each second decides which of them a model is asked about."""
