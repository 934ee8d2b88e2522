"""Completions, certificates and revocations on their way back to the HR systems."""
