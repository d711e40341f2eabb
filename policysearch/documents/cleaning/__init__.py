"""What in a text is not the document's own?"""
