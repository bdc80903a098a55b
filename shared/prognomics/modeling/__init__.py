"""What all regression models have in common: coding of covariates, and the maximization of likelihoods."""
