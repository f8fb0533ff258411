"""The AWS picture on one machine: its parts, and what is done to them."""
