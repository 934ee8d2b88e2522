"""Enrollments, progress, engagement, quiz attempts and certificates."""
