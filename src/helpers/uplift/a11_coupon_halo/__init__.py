"""A11: does a shop coupon on one good product lift the rest of that shop?"""
