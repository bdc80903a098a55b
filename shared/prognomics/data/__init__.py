"""What passes between tools: matrices, sheets, endpoints, signatures, and the reading of their columns."""
