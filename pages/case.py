"""My case: what was answered, set and measured, as a memo to take along."""

from lib.ui import shell

shell.ensure()

from lib.ui import case_view

case_view.show()
