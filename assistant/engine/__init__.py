"""A running model: a worker process, the protocol it speaks, and the client that talks to it."""
