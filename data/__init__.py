"""The demo company; run-time state lies beside it in `data/local`."""
