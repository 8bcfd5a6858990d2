"""A8: do the friends of a sharer buy more, and what changes when they are counted?"""
