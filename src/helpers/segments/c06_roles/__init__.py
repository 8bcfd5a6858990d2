"""C6: who leads, who takes part, who only reads, and does it last?"""
