"""Which page shows which answer?"""
