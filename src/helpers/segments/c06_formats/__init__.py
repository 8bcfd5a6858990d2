"""C6: which form of post does each age group use most?"""
