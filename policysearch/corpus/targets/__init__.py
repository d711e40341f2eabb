"""Which targets do reports set, for which year, and in which sentence?"""
