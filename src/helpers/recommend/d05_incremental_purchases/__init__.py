"""D5: do the lists cause purchases, and is the list bought most the one that causes most?"""
