"""The kernel that the SDK, the command line and the services share: errors, jobs, settings, configuration, bundles,
the journal's records and the HTTP clients. It knows nothing of any of them."""
