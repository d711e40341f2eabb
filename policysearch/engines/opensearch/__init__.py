"""How are sections stored and searched on an OpenSearch cluster?"""
