"""Which part of a web page is the document?"""
