"""C5: what does each circle buy more than others, beyond chance?"""
