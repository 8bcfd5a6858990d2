"""C3: how large is the social graph, and what is its shape?"""
