"""A4: what does a coupon for likes do, and are likes begged to reach it?"""
