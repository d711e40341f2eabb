"""How is a file read without waiting, and written so that it is whole or not there?"""
