"""Mail and messages in the app: what, when, and what each person chose."""
