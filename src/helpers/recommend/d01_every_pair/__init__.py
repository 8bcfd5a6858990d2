"""D1, all against all: which list is better than which?"""
