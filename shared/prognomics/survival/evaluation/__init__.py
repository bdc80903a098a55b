"""How well models of survival predict: discrimination, accuracy, calibration, benefit, and what is left."""
