"""How does a count look as a figure?"""
