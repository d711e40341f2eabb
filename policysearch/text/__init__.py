"""When are two texts equal, and which words do they contain?"""
