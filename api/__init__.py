"""The transactional core: one FastAPI application, flat packages by domain."""
