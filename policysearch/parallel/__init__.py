"""How is work distributed over worker processes that can be killed?"""
