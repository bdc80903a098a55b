"""`python -m prognomics`."""

from prognomics.cli import main

main()
