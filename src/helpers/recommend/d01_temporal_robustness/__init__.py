"""D1 again: does the gain hold at other cuts in time, and how much would a random split flatter?"""
