"""What document is it, and what are its sections?"""
