"""What a study found, as data: steps joined to their results, and findings with their identities."""
