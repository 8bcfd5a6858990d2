"""A6: does an answer of the brand to a comment bring the commenter back?"""
