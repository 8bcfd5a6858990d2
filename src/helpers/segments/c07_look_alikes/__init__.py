"""C7: who, along the ties of seed customers, is likely to buy next?"""
