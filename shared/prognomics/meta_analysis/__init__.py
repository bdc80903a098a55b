"""Effects of cohorts, estimated and pooled."""
