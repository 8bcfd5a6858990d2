"""Prices by place in a network, where what one buys is worth more with what others buy."""

from methods.pricing.network_prices import NetworkPrices, network_prices

__all__ = ["NetworkPrices", "network_prices"]
