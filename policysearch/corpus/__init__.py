"""How often, where, in which context?"""
