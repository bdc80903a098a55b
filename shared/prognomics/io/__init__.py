"""Untrusted bytes to values: the only code that opens files of others."""
