"""Prompt or Tune: `streamlit run app.py`."""

from lib.ui import shell

shell.main()
