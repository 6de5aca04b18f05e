"""Model files: what is on this computer, what its header says, whether it fits."""
