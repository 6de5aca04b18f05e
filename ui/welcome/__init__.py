"""The first page a person sees."""
