"""A2: what did a randomly shown share prompt do, and what did sharing do to those whom it moved?"""
