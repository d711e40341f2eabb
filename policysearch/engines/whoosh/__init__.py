"""How are sections kept and found in a folder, without a server?"""
