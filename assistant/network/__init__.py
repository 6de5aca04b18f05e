"""The one HTTP door: every request is written to the ledger; the offline switch, proxies and TLS stand here.

Redirects, retries and the meaning of a status are its callers' business. What is heavy (TLS, ``http.client``) is
imported by the first request.
"""

from assistant.network.cutter import Cutter
from assistant.network.door import Network
from assistant.network.options import NetworkOptions, Purpose
from assistant.network.response import Headers, Response

__all__ = ["Cutter", "Headers", "Network", "NetworkOptions", "Purpose", "Response"]
