"""D5, the decision: which list for which group, what is it worth, and what would still need a test?"""
