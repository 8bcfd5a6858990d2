"""C8: which action is worth its cost for whom, and where is none?"""
