"""A5: does cashback for sharing in a group add purchases, or only pay for those that came anyway?"""
