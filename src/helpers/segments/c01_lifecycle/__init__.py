"""C1: who is new, active, silent or lost, and what is still to come?"""
