"""E3: do reviews tell more of sellers when reviewers weigh by the fairness of what they gave?"""
