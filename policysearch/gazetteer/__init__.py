"""Which place does a name refer to?"""
