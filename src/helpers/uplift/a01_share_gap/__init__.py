"""A1: how much of the gap between sharers and others survives adjustment for who chooses to share?"""
