"""D2 for newcomers: how well do friends serve them, and after how many products does taste do better?"""
