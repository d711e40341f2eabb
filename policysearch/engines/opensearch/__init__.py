"""How are sections kept and found on an OpenSearch cluster?"""
