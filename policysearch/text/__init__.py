"""When are two texts equal, and which words are in them?"""
