"""What few-label probes are worth beside their AUC."""
