"""D1, first: which later purchases can a list be judged by?"""
