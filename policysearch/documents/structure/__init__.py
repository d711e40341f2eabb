"""Which lines are headings, and how are they nested?"""
