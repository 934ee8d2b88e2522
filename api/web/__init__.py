"""Pages that the API itself serves: signing in and off, consent, one's account."""
