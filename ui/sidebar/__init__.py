"""The sidebar: the list of conversations, the filter, and the way to a new one and to the settings."""
