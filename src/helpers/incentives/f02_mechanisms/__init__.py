"""F2: which incentive is worth most, what does it cost, and what does it do to friendship?"""
