"""How does a language-model agent ask an index?"""
