"""C1: who came, stayed, came back and fell silent from month to month?"""
