"""D7: which products go together in a basket, beyond what taste explains?"""
