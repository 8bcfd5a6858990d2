"""C3: which circles of friends hang together beyond chance?"""
