"""What was typed, and which function of the library answers it?"""
