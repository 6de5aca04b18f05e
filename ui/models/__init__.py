"""The models page: what this computer has, what there is to get, what is on its way and what is here."""
