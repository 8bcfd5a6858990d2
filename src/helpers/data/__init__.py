"""Raw tables in, judged tables out: the contract, the loader, the shop, the customer panel and cohorts."""

from helpers.data.catalogue import CATALOGUE
from helpers.data.cohorts import monthly_cohorts
from helpers.data.doubts import doubts
from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.experiment import Experiment
from helpers.data.load import load
from helpers.data.open import loaded_folder, open_shop
from helpers.data.panel import customer_panel, index_orders
from helpers.data.profile import profile
from helpers.data.receipt import Receipt
from helpers.data.shop import Shop

__all__ = [
    "CATALOGUE",
    "DataError",
    "Experiment",
    "Receipt",
    "Shop",
    "connect",
    "customer_panel",
    "doubts",
    "index_orders",
    "load",
    "loaded_folder",
    "monthly_cohorts",
    "open_shop",
    "profile",
]
