"""Which aims do reports state, for which year, and in which sentence?"""
