"""Models learned, locked and applied to other samples."""
