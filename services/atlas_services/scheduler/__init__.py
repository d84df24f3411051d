"""The scheduler: takes jobs in, decides what runs when, has an engine run it, and writes down how it ended."""
