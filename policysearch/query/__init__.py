"""What does this query ask for?"""
