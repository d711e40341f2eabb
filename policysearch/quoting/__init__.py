"""Does a draft say what the documents say?"""
