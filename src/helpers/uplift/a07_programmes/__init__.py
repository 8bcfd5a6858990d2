"""A7: what did programmes do that reached some before others?"""
