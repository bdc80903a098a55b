"""Files from servers: requested politely, checked, kept once."""
