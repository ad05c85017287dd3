from etabli.foundation.errors import UnavailableError


class StartError(UnavailableError):
    """The command cannot even begin: exit code 2."""
