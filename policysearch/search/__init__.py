"""Which sections match, in which order, with which snippets, and why?"""
