"""Which words are frequent, distinctive or used together, when and by whom?"""
