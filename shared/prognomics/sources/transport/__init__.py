"""Files from servers: asked for politely, checked, kept once."""
