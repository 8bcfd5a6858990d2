"""F7: do check-ins, streaks, birthday greetings and tutorials bring customers back?"""
