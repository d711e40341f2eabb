"""Which files are there, and what text do they contain?"""
