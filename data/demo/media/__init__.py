"""Sources of the demo company's films and sheets; `make.py` turns them into `../files`."""
