"""Gene sets in a ranking of genes, or in a list of genes."""
