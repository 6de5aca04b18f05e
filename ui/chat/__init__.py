"""The chat page: transcript, composer, header, inspector."""
