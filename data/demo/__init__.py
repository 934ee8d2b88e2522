"""The demo company Nordhaven: generated from a seed, loaded through each domain's own service."""

from data.demo.accounts import SignIn, sign_ins
from data.demo.loader import DemoSummary, is_empty, load

__all__ = ["DemoSummary", "SignIn", "is_empty", "load", "sign_ins"]
