"""What does a query mean?"""
