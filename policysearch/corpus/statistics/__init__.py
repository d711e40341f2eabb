"""What is said more often, together, when and by whom?"""
