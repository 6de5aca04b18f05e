"""One chat: what is sent, what the model sees, what comes back."""
