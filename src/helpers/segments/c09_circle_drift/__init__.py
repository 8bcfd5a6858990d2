"""C9: when a customer's circle changes, does buying break, and how early can it be seen?"""
