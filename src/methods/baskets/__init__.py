"""Products that stand in one basket more often than chance."""

from methods.baskets.basket_pairs import BasketPairs, basket_pairs

__all__ = [
    "BasketPairs",
    "basket_pairs",
]
