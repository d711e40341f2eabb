"""How are sections stored and searched in a folder, without a server?"""
