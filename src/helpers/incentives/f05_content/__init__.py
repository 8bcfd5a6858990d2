"""F5: do rewards for content bring more and better reviews?"""
