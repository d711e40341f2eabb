"""How are analysed sections stored, and query trees answered?"""
