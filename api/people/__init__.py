"""Persons, effective-dated employments, org units and the hierarchy that follows from them."""
