"""D1: do personal lists find more of the later purchases than one list for all?"""
