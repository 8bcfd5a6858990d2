"""A3: does more applause bring more repurchase, and how much of sharing works through it?"""
