"""D3: by stage, segment and circle of friends, who is served badly?"""
