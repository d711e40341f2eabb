"""Who issued it, when, where, and under which number?"""
