"""E3: does the conduct of customers foretell their returns?"""
