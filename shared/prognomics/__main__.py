"""`python -m prognomics`."""

from .cli import main

main()
