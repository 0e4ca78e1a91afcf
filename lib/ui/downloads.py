"""Files that a visitor can take along."""

import streamlit as st


def offer_csv(data: str, name: str, key: str, label: str = "Download as CSV") -> None:
    """Draw the button that hands over a table as `<name>.csv`."""
    st.download_button(
        label,
        data,
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=key,
    )
