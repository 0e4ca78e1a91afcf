"""Home: the two levers, what each one bought, and the way into the demo."""

from lib.ui import shell

shell.ensure()

from lib.ui import home_view

home_view.show()
