"""How do a browser and other programs ask an index?"""
