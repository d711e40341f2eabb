"""Which sections, best first, shown how and why?"""
