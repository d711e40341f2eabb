"""Which place does a name mean?"""
