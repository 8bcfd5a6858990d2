"""E1: which posts, accounts and sellers look manipulated, and how sure is that?"""
