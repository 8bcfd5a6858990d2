"""F6: what does it bring to let customers invite friends?"""
