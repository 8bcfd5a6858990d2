"""D5: what would each policy have earned by the log of the other, and was that right where it ran?"""
