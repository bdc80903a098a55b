"""What is written from specs and plans: wrappers, CWL, pages, stubs; and their checks."""
