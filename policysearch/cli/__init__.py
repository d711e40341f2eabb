"""What does the command line say, and which library function answers it?"""
