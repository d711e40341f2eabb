"""What is new, changed and gone, and what became of each source?"""
