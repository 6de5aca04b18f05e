"""Why something on the network failed, as clauses for people: the system's errors in our words."""

from __future__ import annotations

import errno
import socket

from assistant.i18n import N_

NAME_NOT_FOUND = N_("its name was not found")
REFUSED = N_("it refused the connection")
TIMED_OUT = N_("it did not answer in time")
UNTRUSTED = N_("this computer does not trust its certificate")
NO_ROUTE = N_("there is no way to its network from here")
LOST = N_("the connection was lost")
NOT_SECURED = N_("no secure connection came about")
NOT_ENCRYPTED = N_("its address does not begin with https")
NO_ADDRESS = N_("its address is not valid")
NOT_HTTP = N_("it answered with something else than HTTP")
BY_PROXY = N_("the proxy could not reach it")
SWITCHED_OFF = N_("the network was switched off")

_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}


class CutOff(ConnectionError):
    """The connection was cut by another thread of ours."""


def reason_of(error: OSError | UnicodeError) -> str:
    """Return the clause, marked English, for what a socket or a look-up of a name raised."""
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return UNTRUSTED
    if isinstance(error, ssl.SSLError):
        return LOST if isinstance(error, ssl.SSLEOFError) else NOT_SECURED
    if isinstance(error, UnicodeError | socket.gaierror):
        return NAME_NOT_FOUND
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    return NO_ROUTE if error.errno in _NO_ROUTE else LOST
