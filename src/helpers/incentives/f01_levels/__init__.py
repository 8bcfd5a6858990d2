"""F1: which levels of sharers, by lottery and without cash back, would be worth building?"""
