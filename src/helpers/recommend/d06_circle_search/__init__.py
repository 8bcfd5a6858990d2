"""D6: does a search box over friends' coupons find what the searcher then buys?"""
