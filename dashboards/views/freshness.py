"""Which state a page's numbers are of: the data team can read the same one again."""

from datetime import datetime
from typing import Any

import streamlit as st


def line(freshness: dict[str, Any]) -> None:
    read_at = datetime.fromisoformat(freshness["read_at"])
    newer = freshness["tail_events"]
    st.caption(
        f"Read {read_at:%d %b %Y %H:%M:%S} UTC from lake snapshot {freshness['lake_snapshot']}"
        f" and {newer} newer event{'' if newer == 1 else 's'}. Days are UTC days."
        f" Snapshot {freshness['snapshot']}: {freshness['row_count']:,} rows, checksum {freshness['checksum']}."
    )
