"""What the end-to-end tests and the soak drive the programs with."""
