"""D4: beyond accuracy, how much of the range do the lists show, how well known, and whose?"""
