"""C2: which customers are alike in value and habit, and how firmly?"""
