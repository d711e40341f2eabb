"""How does a result look in each format?"""
