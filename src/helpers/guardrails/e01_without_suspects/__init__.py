"""E1: what do the answers of chapter 03 say without what looks manipulated?"""
