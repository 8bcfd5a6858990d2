"""A12: how large must the next test be, how long must it run, and may one look every week?"""
