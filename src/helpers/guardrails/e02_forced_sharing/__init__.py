"""E2: how many requests to share pay, and when does asking again cost more than it brings?"""
