"""Courses, their immutable published versions, modules and quizzes; the catalogue search."""
