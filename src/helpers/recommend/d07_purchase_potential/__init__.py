"""D7: who is likely to buy which category next, and do such chances come true?"""
