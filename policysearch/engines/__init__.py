"""Who keeps the analysed sections and answers a query tree?"""
