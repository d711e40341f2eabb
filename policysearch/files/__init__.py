"""How is a file read without blocking, and written atomically?"""
