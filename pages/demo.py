"""Demo: one text, four answers, live."""

from lib.ui import shell

shell.ensure()

from lib.ui import demo_view

demo_view.show()
