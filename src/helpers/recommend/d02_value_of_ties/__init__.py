"""D2: what do friends' purchases add over strangers', the crowd's, and taste alone?"""
