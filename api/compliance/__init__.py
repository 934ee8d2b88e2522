"""What must be learned, by whom and until when."""
