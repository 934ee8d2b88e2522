"""SCIM 2.0 (RFC 7643, 7644): the directory tells who works here, who may sign in, and who is in which group."""
