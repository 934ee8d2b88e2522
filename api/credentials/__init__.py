"""Certificates: issued, verified, renewed, revoked, signed for machines."""
