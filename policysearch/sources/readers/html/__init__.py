"""What in a web page is the document?"""
