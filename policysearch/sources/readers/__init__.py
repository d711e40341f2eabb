"""How does each format become lines of text?"""
