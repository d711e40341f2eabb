"""How does an index look as tables for other programs?"""
