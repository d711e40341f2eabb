"""Which sources are new, changed or deleted, and how did reading each one end?"""
