"""C9: has the customer base as a whole changed?"""
