"""Looking at the audit log."""
