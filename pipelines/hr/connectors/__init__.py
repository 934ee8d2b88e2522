"""One small connector a kind of HR system; they all give a `Delivery`."""
