"""Which document does a reference name, and which of its sections?"""
