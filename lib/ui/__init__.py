"""Everything that draws. With `app.py` and the pages the only code that knows Streamlit."""
