"""Accounts, roles and signed tokens: who is asking, and what they were granted."""
