"""A9: for whom does an offer work, who should get it, and can that be told beforehand?"""
