"""The hub of models: search, details, headers of files and where their bytes are.

The one room that knows huggingface_hub: it is imported by the first question, in that question's thread, and every
request of it goes through the one door to the network.
"""

from assistant.models.hub.hub import DEFAULT_ENDPOINT, Hub, chosen_endpoint

__all__ = ["DEFAULT_ENDPOINT", "Hub", "chosen_endpoint"]
