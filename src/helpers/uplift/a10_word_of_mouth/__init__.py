"""A10: does a friend's word sell the same product better than a stranger's or the shop's own?"""
