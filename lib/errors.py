"""Errors that speak to the person in front of the screen."""


class UserError(Exception):
    """Something the user or the operator can mend; its text is one sentence that says how.

    Pages show the text as it is, commands print it on stderr and exit with status 2.
    """


class InputError(UserError):
    """The text that somebody typed can't be used."""


class DataError(UserError):
    """A file of rows can't be used."""


class ContentError(UserError):
    """A file under `content/` is broken; the text names file, line and field."""


class BaseModelError(UserError):
    """The base model can't be found, prepared or loaded."""


class AdapterError(UserError):
    """An adapter folder is missing, damaged, or made for another model."""


class BusyError(UserError):
    """Too many people wait for the model already."""


class RemoteError(UserError):
    """The hosted model is set up wrongly, or gave no answer that can be used."""
