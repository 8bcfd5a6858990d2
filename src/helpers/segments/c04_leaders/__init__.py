"""C4: who leads opinion, and do they move others or merely have many friends?"""
