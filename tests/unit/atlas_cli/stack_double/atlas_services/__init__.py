"""Stands for the real services where only the command line is tested: a process that says the same about itself."""
