"""C8: why were customers lost?"""
