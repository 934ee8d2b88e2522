"""Files addressed by their content hash, delivered by signed, expiring paths."""
