"""How is work shared among processes that can be ended?"""
