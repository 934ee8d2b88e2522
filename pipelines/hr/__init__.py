"""HR ingest: files of any source, mapped by a small file, checked by a contract, applied as one roster."""
