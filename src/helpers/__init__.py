"""Helpers of the Stickiness Workbench: does sharing bring customers back?"""
