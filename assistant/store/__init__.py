"""What is remembered: conversations, messages and drafts in one SQLite file."""
