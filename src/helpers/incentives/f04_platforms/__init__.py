"""F4: which platform to be on, and under which weights?"""
