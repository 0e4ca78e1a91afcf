"""Train: somebody's own rows, tried every way, with a verdict and an adapter to take home."""

from lib.ui import shell

shell.ensure()

from lib.ui import train_view

train_view.show()
