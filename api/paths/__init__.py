"""Learning paths: courses in an order or free, with a certificate of their own."""
